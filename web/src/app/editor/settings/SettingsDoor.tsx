/** Opens the flow's settings when somebody asks for them; they are loaded then. */
import { msg } from "@lingui/core/macro";
import { Suspense, useState } from "react";
import type { Address } from "~/api/contract.ts";
import { later } from "~/ui/later.ts";
import { useCommands } from "../../command/registry.ts";

const FlowSettings = later(async () => ({
  default: (await import("./FlowSettings.tsx")).FlowSettings,
}));

export function SettingsDoor({ addresses }: { addresses: Address[] }) {
  const [opened, setOpened] = useState(false);
  useCommands([
    {
      id: "flow.settings",
      title: msg`Flow settings`,
      group: "flow",
      shortcut: "Mod+,",
      keywords: msg`alerts, limits, time zone, language, keys, retention`,
      run: () => setOpened(true),
    },
  ]);
  if (!opened) return null;
  return (
    <Suspense>
      <FlowSettings addresses={addresses} onClose={() => setOpened(false)} />
    </Suspense>
  );
}

/** Goes between the canvas and the sentences of a flow. */
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { ActionIcon } from "@mantine/core";
import { ListOrdered, Workflow } from "lucide-react";
import { Tip } from "~/ui/Tip.tsx";
import { useCommands } from "../../command/registry.ts";
import { ariaShortcut, shownShortcut } from "../../command/shortcut.ts";
import { useSession } from "../../session/session.ts";
import { useNarrow } from "../narrow.ts";
import { useEditor } from "../store.ts";
import { type Look, rememberLook } from "./look.ts";

const shortcut = "Mod+Shift+L";

export function LookSwitch() {
  const { t } = useLingui();
  const user = useSession().user.id;
  const narrow = useNarrow();
  const look = useEditor((state) => state.look);
  const lookAs = useEditor((state) => state.lookAs);
  const other: Look = look === "canvas" ? "sentences" : "canvas";
  const turn = () => {
    rememberLook(user, narrow, other);
    lookAs(other);
  };
  useCommands([
    {
      id: "view.look",
      title: look === "canvas" ? msg`Show as sentences` : msg`Show as canvas`,
      group: "view",
      shortcut,
      keywords: msg`sentences, list, outline, text, canvas, graph`,
      heard: "everywhere",
      run: turn,
    },
  ]);
  const label = look === "canvas" ? t`Show as sentences` : t`Show as canvas`;
  return (
    <Tip label={`${label} (${shownShortcut(shortcut)})`} openDelay={300}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={34}
        aria-label={label}
        aria-keyshortcuts={ariaShortcut(shortcut)}
        onClick={turn}
      >
        {look === "canvas" ? <ListOrdered size={18} /> : <Workflow size={18} />}
      </ActionIcon>
    </Tip>
  );
}

/** Trials of the chosen node as commands: for keys, the palette and the cheat sheet. */
import { msg, t } from "@lingui/core/macro";
import { findNode } from "~/model/flow.ts";
import { isTrigger } from "~/model/port.ts";
import { announce } from "~/ui/announce.tsx";
import { type AppCommand, useCommands } from "../../command/registry.ts";
import { useKnown } from "../data.ts";
import { useEditorStore } from "../store.ts";
import { usePinning, useTrials } from "./act.ts";
import { useStarter } from "./start.tsx";

export function TrialCommands() {
  const store = useEditorStore();
  const { types, pins } = useKnown();
  const { start, dialog } = useStarter();
  const { ended, begin } = useTrials(start);
  const pinning = usePinning();
  /** The node that is open, or the one that is chosen alone. */
  const chosen = (): string | null => {
    const { opened, selection } = store.getState();
    return opened ?? (selection.nodes.size === 1 ? ([...selection.nodes][0] ?? null) : null);
  };
  const runnable = () => {
    const id = chosen();
    const node = id === null ? undefined : findNode(store.getState().history.flow, id);
    return node !== undefined && !isTrigger(types.get(node.type));
  };
  const at = (act: (node: string) => void) => () => {
    const node = chosen();
    if (node !== null) act(node);
  };
  const togglePin = async (node: string) => {
    const unpins = pins.has(node);
    await (unpins ? pinning.unpin(node) : pinning.pinLast(node));
    announce(unpins ? t`Unpinned` : t`Pinned what the last run gave`);
  };
  const commands: AppCommand[] = [
    {
      id: "run.only",
      title: msg`Run this node`,
      group: "run",
      shortcut: "Shift+Enter",
      keywords: msg`test, try, single step`,
      enabled: runnable,
      run: at((node) => begin(node, { only: node })),
    },
    {
      id: "run.until",
      title: msg`Run up to here`,
      group: "run",
      shortcut: "Alt+Enter",
      keywords: msg`test, try, before`,
      enabled: runnable,
      run: at((node) => begin(node, { until: node })),
    },
    {
      id: "run.from",
      title: msg`Run from here`,
      group: "run",
      shortcut: "Alt+Shift+Enter",
      keywords: msg`test, try, after, rest`,
      enabled: () => ended && runnable(),
      run: at((node) => begin(node, { from: node })),
    },
    {
      id: "node.pin",
      title: msg`Pin what the last run gave, or unpin it`,
      group: "node",
      shortcut: "P",
      keywords: msg`freeze, keep data, mock`,
      enabled: () => {
        const node = chosen();
        return node !== null && (pins.has(node) || pinning.lastOf(node) !== undefined);
      },
      run: at((node) => void togglePin(node)),
    },
  ];
  useCommands(commands);
  return dialog;
}

/** What can be done by keys with the step that the keyboard is at. */
import { msg } from "@lingui/core/macro";
import type { RefObject } from "react";
import { useCommands } from "../../command/registry.ts";
import { useKnown } from "../data.ts";
import type { Edits } from "./edits.ts";

/** What is asked about a step before it is done. */
export type Question = "label" | "note" | "move" | "connect";

interface Means {
  box: RefObject<HTMLElement | null>;
  edits: Edits;
  onAsk: (node: string, question: Question) => void;
  onAddBefore: (node: string) => void;
}

export function useStepCommands({ box, edits, onAsk, onAddBefore }: Means): void {
  const { readOnly } = useKnown();
  /** The step that has the focus, or the only one that is chosen. */
  const at = (): string | null => {
    const row = document.activeElement?.closest<HTMLElement>("[data-step]");
    if (row && box.current?.contains(row)) return row.dataset.step ?? null;
    const [only, ...more] = edits.chosen();
    return more.length === 0 ? (only ?? null) : null;
  };
  const enabled = () => at() !== null;
  const withStep = (act: (id: string) => void) => () => {
    const id = at();
    if (id !== null) act(id);
  };
  const all = [
    {
      id: "step.up",
      title: msg`Move the step up`,
      shortcut: "Alt+ArrowUp",
      run: withStep((id) => edits.shift(id, false)),
    },
    {
      id: "step.down",
      title: msg`Move the step down`,
      shortcut: "Alt+ArrowDown",
      run: withStep((id) => edits.shift(id, true)),
    },
    {
      id: "step.before",
      title: msg`Add a step before this one`,
      shortcut: "Shift+N",
      run: withStep(onAddBefore),
    },
    { id: "step.move", title: msg`Move the step to…`, run: withStep((id) => onAsk(id, "move")) },
    {
      id: "step.connect",
      title: msg`Continue the step at…`,
      shortcut: "Shift+C",
      run: withStep((id) => onAsk(id, "connect")),
    },
    {
      id: "step.rename",
      title: msg`Rename the step`,
      shortcut: "F2",
      run: withStep((id) => onAsk(id, "label")),
    },
    { id: "step.note", title: msg`Note on the step`, run: withStep((id) => onAsk(id, "note")) },
    {
      id: "step.toggle",
      title: msg`Switch the step on or off`,
      run: withStep((id) => edits.toggle([id])),
    },
  ];
  useCommands(readOnly ? [] : all.map((it) => ({ ...it, group: "node" as const, enabled })));
}

/** What lies on top of the canvas: the bar of what is chosen, the search, and their commands. */
import { memo, type RefObject, Suspense, useState } from "react";
import type { AddRequest } from "~/canvas/Canvas.tsx";
import type { CanvasView } from "~/canvas/view.ts";
import { later } from "~/ui/later.ts";
import { loadable } from "~/ui/loadable.tsx";
import type { Actions } from "../actions.ts";
import { useKnown } from "../data.ts";
import { useEditor } from "../store.ts";
import { useCanvasCommands } from "./commands.ts";
import { useShaping } from "./shaping.ts";

const ChosenBar = later(async () => ({ default: (await import("./ChosenBar.tsx")).ChosenBar }));
const [FlowSearch] = loadable(async () => (await import("./FlowSearch.tsx")).FlowSearch);

export interface CanvasToolsProps {
  view: RefObject<CanvasView | null>;
  actions: Actions;
  onAsk: (request: AddRequest) => void;
}

export const CanvasTools = memo(function CanvasTools(props: CanvasToolsProps) {
  const { view, actions, onAsk } = props;
  const { readOnly } = useKnown();
  const [searching, setSearching] = useState(false);
  const shaping = useShaping(view, actions, onAsk);
  const many = useEditor(
    ({ selection }) => selection.nodes.size > 1 || (selection.notes?.size ?? 0) > 0,
  );
  useCanvasCommands(shaping, view, readOnly, () => setSearching(true));
  return (
    <>
      <Suspense>{many && !readOnly && <ChosenBar shaping={shaping} actions={actions} />}</Suspense>
      {searching && <FlowSearch view={view} onClose={() => setSearching(false)} />}
    </>
  );
});

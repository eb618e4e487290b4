/** The draft on its canvas. It alone of the editor follows each change of the document. */
import { type RefObject, Suspense, useMemo } from "react";
import { type AddRequest, Canvas, type MenuRequest } from "~/canvas/Canvas.tsx";
import type { CanvasView } from "~/canvas/view.ts";
import { useRefusalText } from "~/canvas/words.ts";
import { levelsOf } from "~/model/problem.ts";
import { later } from "~/ui/later.ts";
import { say } from "~/ui/toast.tsx";
import { useKnown } from "./data.ts";
import { useGuests } from "./presence/People.tsx";
import { useEditor, useEditorStore, useFlowDocument } from "./store.ts";

const EmptyCanvas = later(async () => ({
  default: (await import("./EmptyCanvas.tsx")).EmptyCanvas,
}));

interface DraftCanvasProps {
  view: RefObject<CanvasView | null>;
  onDropType: (type: string, request: AddRequest) => void;
  onAsk: (request: AddRequest) => void;
  onMenu: (menu: MenuRequest) => void;
  /** A flow that is empty begins with a type. */
  onStart: (type: string) => void;
}

export function DraftCanvas({ view, onDropType, onAsk, onMenu, onStart }: DraftCanvasProps) {
  const store = useEditorStore();
  const flow = useFlowDocument();
  const selection = useEditor((state) => state.selection);
  const at = useEditor((state) => state.at);
  const problems = useEditor((state) => state.problems);
  const open = useEditor((state) => state.open);
  const { types, readOnly } = useKnown();
  const guests = useGuests();
  const refusalText = useRefusalText();
  const levels = useMemo(() => levelsOf(problems), [problems]);
  return (
    <Canvas
      flow={flow}
      types={types}
      levels={levels}
      selection={selection}
      at={at ?? flow.nodes[0]?.id}
      onSelect={(next) => {
        const { opened, select, close } = store.getState();
        select(next);
        if (opened !== null && !next.nodes.has(opened)) close();
      }}
      onCommand={store.getState().perform}
      onRefuse={(refusal) => {
        const text = refusalText(refusal);
        if (text) say(text, "problem");
      }}
      onOpen={open}
      onDropType={onDropType}
      onAsk={onAsk}
      onMenu={onMenu}
      readOnly={readOnly}
      badges={guests}
      view={view}
    >
      <Suspense>{flow.nodes.length === 0 && !readOnly && <EmptyCanvas onAdd={onStart} />}</Suspense>
    </Canvas>
  );
}

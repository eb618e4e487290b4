/** Choosing by a drawn box in the picture of a flow: React Flow chooses among what it draws itself. */
import { type ReactFlowState, useStoreApi } from "@xyflow/react";
import { useEffect } from "react";
import { useStable } from "~/ui/stable.ts";
import type { CanvasProps } from "../Canvas.tsx";
import { isPaper, noteIdOf, type Selection, type Shape } from "../shape.ts";
import { isFar } from "./far.ts";

/** Whether a box is being drawn in the picture. */
export const isPainted = (state: ReactFlowState): boolean =>
  state.userSelectionActive && isFar(state);

/** What a box on the screen touches. */
function chosenBy(state: ReactFlowState, shapes: Shape[]): Selection | null {
  const { userSelectionRect: rect, transform } = state;
  if (!rect) return null;
  const [left, top, zoom] = transform;
  const [x, y] = [(rect.x - left) / zoom, (rect.y - top) / zoom];
  const [right, bottom] = [x + rect.width / zoom, y + rect.height / zoom];
  const touched = shapes.filter(
    ({ position, width = 0, height = 0, selectable = true }) =>
      selectable &&
      position.x < right &&
      position.y < bottom &&
      position.x + width > x &&
      position.y + height > y,
  );
  return {
    nodes: new Set(touched.flatMap((shape) => (isPaper(shape) ? [] : [shape.id]))),
    edges: new Set(),
    notes: new Set(touched.flatMap((shape) => noteIdOf(shape.id) ?? [])),
  };
}

const sameSet = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  one.size === other.size && [...one].every((id) => other.has(id));

/** Chooses what the box that is being drawn touches, while the flow is seen from afar. */
export function useFarChoice(far: boolean, shapes: Shape[], props: CanvasProps): void {
  const store = useStoreApi();
  const choose = useStable((state: ReactFlowState) => {
    const chosen = chosenBy(state, shapes);
    const { selection, onSelect } = props;
    if (!chosen) return;
    const { notes = new Set() } = selection;
    const same =
      sameSet(chosen.nodes, selection.nodes) && sameSet(chosen.notes ?? new Set(), notes);
    if (!same) onSelect(chosen);
  });
  useEffect(() => {
    if (!far) return;
    return store.subscribe((state, before) => {
      if (isPainted(state) && state.userSelectionRect !== before.userSelectionRect) choose(state);
    });
  }, [far, store, choose]);
}

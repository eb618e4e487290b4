/** The right button, and the key that stands for it: what it points at is chosen first. */
import type { MouseEvent as ReactMouseEvent } from "react";
import { useStable } from "~/ui/stable.ts";
import type { CanvasProps, MenuRequest } from "../Canvas.tsx";
import type { HintStore } from "../hint.ts";
import { type Line, noteIdOf, nothing, type Selection, type Shape } from "../shape.ts";

export function useMenus(props: CanvasProps, hint: HintStore) {
  const { selection, onSelect, onMenu } = props;
  const show = (event: ReactMouseEvent | MouseEvent, on: MenuRequest["on"], chosen?: Selection) => {
    event.preventDefault();
    // With Ctrl the right button cuts edges.
    if (event.ctrlKey || event.metaKey || hint.getState().cutting) return;
    if (chosen) onSelect(chosen);
    onMenu?.({ on, screen: { x: event.clientX, y: event.clientY } });
  };
  return {
    onNodeContextMenu: useStable((event: ReactMouseEvent, { id }: Shape) => {
      const note = noteIdOf(id);
      if (note === null) {
        const known = selection.nodes.has(id);
        return show(event, "node", known ? undefined : { ...nothing, nodes: new Set([id]) });
      }
      const known = selection.notes?.has(note);
      show(event, "note", known ? undefined : { ...nothing, notes: new Set([note]) });
    }),
    onSelectionContextMenu: useStable((event: ReactMouseEvent) => show(event, "node")),
    onEdgeContextMenu: useStable((event: ReactMouseEvent, { id }: Line) =>
      show(event, "edge", { ...nothing, edges: new Set([id]) }),
    ),
    onPaneContextMenu: useStable((event: ReactMouseEvent | MouseEvent) =>
      show(event, "canvas", nothing),
    ),
  };
}

/** A large flow from so far away that no word on it can be read: painted as one picture, but for the nodes at hand. */
import { type ReactFlowInstance, type ReactFlowState, useStore } from "@xyflow/react";
import { type FocusEvent, type MouseEvent, useMemo, useState } from "react";
import type { Position } from "~/model/flow.ts";
import { useStable } from "~/ui/stable.ts";
import { isPaper, type Line, manyNodes, type Shape } from "../shape.ts";

export const readable = 0.4;
/** So many chosen nodes are drawn as nodes; more are chosen in the picture only. */
const atHand = 60;

export const isFar = (state: ReactFlowState): boolean =>
  state.transform[2] < readable && state.nodes.length > manyNodes;

export const useFar = (): boolean => useStore(isFar);

const hidden = new WeakMap<Shape, Shape>();

/** The shape as React Flow knows it and does not draw it. */
function hide(shape: Shape): Shape {
  const known = hidden.get(shape);
  if (known) return known;
  const made = { ...shape, hidden: true };
  hidden.set(shape, made);
  return made;
}

/** The node at a place, the one on top where several are. */
function nodeAt(shapes: Shape[], [x, y]: Position): string | null {
  const found = shapes.findLast(
    ({ position, width = 0, height = 0, ...shape }) =>
      !isPaper(shape as Shape) &&
      x >= position.x &&
      x <= position.x + width &&
      y >= position.y &&
      y <= position.y + height,
  );
  return found?.id ?? null;
}

/** Hides all nodes but those that somebody may handle next; Tab leads on to the ones beside them. */
export function onlyAtHand(shapes: Shape[], named: ReadonlySet<string | null>): Shape[] {
  const chosen = shapes.filter((shape) => shape.selected).length <= atHand;
  const held = (shape: Shape | undefined) => shape !== undefined && named.has(shape.id);
  return shapes.map((shape, index) => {
    const near = held(shape) || held(shapes[index - 1]) || held(shapes[index + 1]);
    const drawn = isPaper(shape) || near || shape.dragging || (chosen && shape.selected);
    return drawn ? shape : hide(shape);
  });
}

interface Looked {
  far: boolean;
  shapes: Shape[];
  lines: Line[];
  /** The node that Tab stops at. */
  at: string | undefined;
}

/** What React Flow is to draw, and the listeners that say which nodes are at hand. */
export function useAtHand(
  { far, shapes, lines, at }: Looked,
  reactFlow: ReactFlowInstance<Shape, Line>,
) {
  const [pointed, setPointed] = useState<string | null>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const first = at ?? shapes.find((shape) => !isPaper(shape))?.id ?? null;
  const drawnShapes = useMemo(
    () => (far ? onlyAtHand(shapes, new Set([pointed, focused, first])) : shapes),
    [far, shapes, pointed, focused, first],
  );
  const drawnLines = useMemo(
    () => (far ? lines.filter((line) => line.selected) : lines),
    [far, lines],
  );
  const under = useStable((event: { clientX: number; clientY: number }): string | null => {
    if (!far) return null;
    const screen = { x: event.clientX, y: event.clientY };
    const { x, y } = reactFlow.screenToFlowPosition(screen, { snapToGrid: false });
    return nodeAt(shapes, [x, y]);
  });
  return {
    drawnShapes,
    drawnLines,
    /** The node of the picture at a point of the screen. */
    under,
    onPaneMouseMove: useStable((event: MouseEvent) => {
      if (event.buttons === 0) setPointed(under(event));
    }),
    onFocus: useStable((event: FocusEvent) => {
      const node = event.target.closest<HTMLElement>(".react-flow__node");
      setFocused(node?.dataset.id ?? null);
    }),
  };
}

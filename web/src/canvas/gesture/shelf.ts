/** Dragging a node type from the shelf onto the canvas, onto an edge or into a box. */
import type { ReactFlowInstance } from "@xyflow/react";
import { type DragEvent, useRef } from "react";
import { boxAt } from "~/model/box.ts";
import type { FlowDocument, Position } from "~/model/flow.ts";
import { useStable } from "~/ui/stable.ts";
import type { AddRequest, CanvasProps } from "../Canvas.tsx";
import { type Curve, curvesOf, curveThrough } from "../curve.ts";
import { draggedType } from "../drag.ts";
import { type HintStore, hintAt, noGesture } from "../hint.ts";
import type { Line, Shape } from "../shape.ts";

const near = 28;

export function useShelf(
  props: CanvasProps,
  reactFlow: ReactFlowInstance<Shape, Line>,
  hint: HintStore,
) {
  const { flow, types } = props;
  const known = useRef<{ flow: FlowDocument; curves: Curve[] } | null>(null);
  const curves = () => {
    if (known.current?.flow !== flow) known.current = { flow, curves: curvesOf(flow, types) };
    return known.current.curves;
  };
  const requestAt = (event: DragEvent): AddRequest => {
    const screen = { x: event.clientX, y: event.clientY };
    const { x, y } = reactFlow.screenToFlowPosition(screen);
    const at: Position = [x, y];
    const around = { x: x - near, y: y - near, width: 2 * near, height: 2 * near };
    const edge = curveThrough(curves(), around);
    if (edge !== null) return { at, screen, edge };
    const inside = boxAt(flow, types, at);
    return inside === null ? { at, screen } : { at, screen, inside };
  };
  return {
    onDragOver: useStable((event: DragEvent) => {
      if (!event.dataTransfer.types.includes(draggedType)) return;
      event.preventDefault();
      const { edge = null, inside = null } = requestAt(event);
      hintAt(hint, { edge, box: inside });
    }),
    onDragLeave: useStable(() => hintAt(hint, { edge: null, box: null })),
    onDrop: useStable((event: DragEvent) => {
      const type = event.dataTransfer.getData(draggedType);
      hint.setState(noGesture);
      if (!type) return;
      event.preventDefault();
      props.onDropType?.(type, requestAt(event));
    }),
  };
}

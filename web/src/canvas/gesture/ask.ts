/** Asking for a node where one points: twice on the canvas or on an edge, or once with Ctrl. */
import type { ReactFlowInstance } from "@xyflow/react";
import type { MouseEvent as ReactMouseEvent } from "react";
import { useStable } from "~/ui/stable.ts";
import type { AddRequest, CanvasProps } from "../Canvas.tsx";
import type { Line, Shape } from "../shape.ts";

export function useAsking(props: CanvasProps, reactFlow: ReactFlowInstance<Shape, Line>) {
  const ask = (event: ReactMouseEvent, what: Pick<AddRequest, "edge" | "exact">) => {
    if (props.readOnly) return;
    const screen = { x: event.clientX, y: event.clientY };
    const { x, y } = reactFlow.screenToFlowPosition(screen);
    props.onAsk?.({ at: [x, y], screen, ...what });
  };
  return {
    askThere: (event: ReactMouseEvent) => ask(event, { exact: true }),
    onDoubleClick: useStable((event: ReactMouseEvent) => {
      const bare = event.target instanceof Element && event.target.matches(".react-flow__pane");
      if (bare) ask(event, { exact: true });
    }),
    onEdgeDoubleClick: useStable((event: ReactMouseEvent, line: Line) =>
      ask(event, { edge: line.id }),
    ),
  };
}

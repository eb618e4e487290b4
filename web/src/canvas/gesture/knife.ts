/** Cutting edges with a drag: with Alt, with Ctrl and the right button, or with the knife taken up. */
import type { ReactFlowInstance } from "@xyflow/react";
import type { MouseEvent as ReactMouseEvent, PointerEvent as ReactPointerEvent } from "react";
import * as edit from "~/model/edit.ts";
import type { Position } from "~/model/flow.ts";
import { useStable } from "~/ui/stable.ts";
import type { CanvasProps } from "../Canvas.tsx";
import { curvesCut, curvesOf } from "../curve.ts";
import { type HintStore, noGesture } from "../hint.ts";
import type { Line, Shape } from "../shape.ts";

const fixedThings = ".react-flow__node, .react-flow__panel, .react-flow__minimap, button";

export function useKnife(
  props: CanvasProps,
  reactFlow: ReactFlowInstance<Shape, Line>,
  hint: HintStore,
) {
  const { flow, types, readOnly, onCommand } = props;
  const cuts = (event: ReactMouseEvent) => {
    const free = event.target instanceof Element && !event.target.closest(fixedThings);
    if (readOnly || !free) return false;
    if (event.button === 2) return event.ctrlKey || event.metaKey;
    return event.button === 0 && (event.altKey || hint.getState().cutting);
  };
  const cut = (start: ReactPointerEvent) => {
    const curves = curvesOf(flow, types);
    const placeOf = (event: { clientX: number; clientY: number }): Position => {
      const { x, y } = reactFlow.screenToFlowPosition(
        { x: event.clientX, y: event.clientY },
        {
          snapToGrid: false,
        },
      );
      return [x, y];
    };
    let [way, gone] = [[placeOf(start)], new Set<string>()];
    const move = (event: PointerEvent) => {
      const [last, next] = [way.at(-1), placeOf(event)];
      if (!last) return;
      gone = new Set([...gone, ...curvesCut(curves, last, next)]);
      way = [...way, next];
      hint.setState({ knife: way, cut: gone });
    };
    const stop = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", stop);
      removeEventListener("keydown", letGo, true);
      hint.setState(noGesture);
    };
    const end = () => {
      stop();
      if (gone.size > 0) onCommand?.(edit.disconnect(flow, gone, "edge.cut"));
    };
    const letGo = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      stop();
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", stop);
    addEventListener("keydown", letGo, true);
  };
  // React Flow must not pan, choose or zoom meanwhile: it never hears of the press.
  return {
    onPointerDownCapture: useStable((event: ReactPointerEvent) => {
      if (!cuts(event)) return;
      event.stopPropagation();
      cut(event);
    }),
    onMouseDownCapture: useStable((event: ReactMouseEvent) => {
      if (cuts(event)) event.stopPropagation();
    }),
    onTouchStartCapture: useStable(
      (event: { target: EventTarget; stopPropagation: () => void }) => {
        const free = event.target instanceof Element && !event.target.closest(fixedThings);
        if (free && hint.getState().cutting) event.stopPropagation();
      },
    ),
  };
}

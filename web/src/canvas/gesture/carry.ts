/** Moving without a drag: what was picked up is put down where one clicks next, as if dragged there. */
import type { ReactFlowInstance } from "@xyflow/react";
import { type MouseEvent as ReactMouseEvent, useEffect } from "react";
import { useStore } from "zustand";
import { type Drop, dropAll, movedBy, roomsOfDrop, targetOf } from "~/model/drop.ts";
import type { Position } from "~/model/flow.ts";
import { around, middle } from "~/model/rect.ts";
import { useStable } from "~/ui/stable.ts";
import type { CanvasProps } from "../Canvas.tsx";
import { curvesOf } from "../curve.ts";
import { type HintStore, hintAt, noGesture } from "../hint.ts";
import type { Line, Shape } from "../shape.ts";
import { edgeUnder } from "./move.ts";

const controls = ".react-flow__panel, .react-flow__minimap";

export function useCarrying(
  props: CanvasProps,
  reactFlow: ReactFlowInstance<Shape, Line>,
  hint: HintStore,
) {
  const { flow, types, onCommand } = props;
  const carrying = useStore(hint, (it) => it.carried !== null);

  /** Where everything would stand with its middle under the pointer. */
  const dropAt = (event: ReactMouseEvent): Drop | null => {
    const { carried } = hint.getState();
    if (!carried) return null;
    const here = movedBy(flow, types, carried, [0, 0]);
    const room = around(roomsOfDrop(flow, types, here));
    if (!room) return null;
    const point = reactFlow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const [x, y] = middle(room);
    const snapped = (from: number, to: number) => Math.round((to - from) / 8) * 8;
    const by: Position = [snapped(x, point.x), snapped(y, point.y)];
    const drop = movedBy(flow, types, carried, by);
    const [only, ...others] = Object.keys(drop.nodes);
    const place = only === undefined ? undefined : drop.nodes[only];
    if (only === undefined || !place) return drop;
    const open = { open: flow, curves: others.length > 0 ? [] : curvesOf(flow, types) };
    return { ...drop, grabbed: only, edge: edgeUnder(open, types, only, place) };
  };
  const putDown = () => hint.setState({ ...noGesture, carried: null });

  useEffect(() => {
    if (!carrying) return;
    const letGo = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      hint.setState({ ...noGesture, carried: null });
    };
    addEventListener("keydown", letGo, true);
    return () => removeEventListener("keydown", letGo, true);
  }, [hint, carrying]);

  return {
    onMouseMove: useStable((event: ReactMouseEvent) => {
      const drop = dropAt(event);
      if (!drop) return;
      const target = drop.grabbed === undefined ? {} : targetOf(flow, types, drop, drop.grabbed);
      hintAt(hint, { ...target, edge: drop.edge ?? null });
      hint.setState({ ghosts: roomsOfDrop(flow, types, drop) });
    }),
    onClickCapture: useStable((event: ReactMouseEvent) => {
      const drop = dropAt(event);
      if (!drop || !(event.target instanceof Element) || event.target.closest(controls)) return;
      event.stopPropagation();
      putDown();
      onCommand?.(dropAll(flow, types, drop));
    }),
  };
}

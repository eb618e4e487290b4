/** Bringing a large flow into sight at once: no node is drawn only to be too small to be read. */
import type { FitViewOptions, ReactFlowInstance } from "@xyflow/react";
import { flushSync } from "react-dom";
import type { HintStore } from "../hint.ts";
import { type Line, manyNodes, type Shape } from "../shape.ts";
import { readable } from "./far.ts";

type Fitting = FitViewOptions<Shape>;

function endsFar(reactFlow: ReactFlowInstance<Shape, Line>, nodes: Fitting["nodes"]): boolean {
  const shapes = reactFlow.getNodes();
  const room = document.querySelector(".react-flow")?.getBoundingClientRect();
  if (!room || shapes.length <= manyNodes) return false;
  const bounds = reactFlow.getNodesBounds(nodes?.map(({ id }) => id) ?? shapes);
  return Math.min(room.width / bounds.width, room.height / bounds.height) < readable;
}

/** Brings all nodes, or some, into sight; from afar at a stroke, as a large flow cannot glide. */
export async function fitInto(
  reactFlow: ReactFlowInstance<Shape, Line>,
  hint: HintStore,
  fitting: Fitting,
): Promise<void> {
  const leaps = endsFar(reactFlow, fitting.nodes);
  // The nodes are put away before, and not while, they come into sight by the thousand.
  if (leaps) flushSync(() => hint.setState({ leaping: true }));
  await reactFlow.fitView(leaps ? { ...fitting, duration: 0 } : fitting);
  if (leaps) hint.setState({ leaping: false });
}

/** The boxes of loops: what stands inside one goes with it, and is taken in and out by dragging. */
import { type Command, command } from "./command";
import { type FlowDocument, type FlowEdge, type FlowNode, findNode, type Position } from "./flow";
import { loopBoxes, shownPositions } from "./place";
import { isTrigger, type NodeTypes } from "./port";
import { loopsAround } from "./reach";
import { holds } from "./rect";
import { detached } from "./splice";

/** A place in or out of a box: the loop's id, or null for outside of all. */
export type Inside = string | null;

/** Everything that stands inside some nodes at any depth, without these themselves. */
export function standingInside(flow: FlowDocument, ids: ReadonlySet<string>): Set<string> {
  return new Set(
    flow.nodes
      .filter((node) => !ids.has(node.id))
      .filter((node) => loopsAround(flow, node.id).some((loop) => ids.has(loop.id)))
      .map((node) => node.id),
  );
}

/** Places for moved nodes and for all that stands inside them, moved by the same way. */
export function withInsides(
  flow: FlowDocument,
  places: Record<string, Position>,
): Record<string, Position> {
  const shown = shownPositions(flow);
  const all = { ...places };
  for (const id of standingInside(flow, new Set(Object.keys(places)))) {
    const loop = loopsAround(flow, id).find((it) => Object.hasOwn(places, it.id));
    const [from, to] = [shown.get(loop?.id ?? ""), places[loop?.id ?? ""]];
    const place = shown.get(id);
    if (from && to && place) all[id] = [place[0] + to[0] - from[0], place[1] + to[1] - from[1]];
  }
  return all;
}

/**
 * The innermost box at a point, as the boxes stand before anything moves: what is dragged leaves
 * its own only by leaving what is seen of it. A box that is moved itself takes nothing in.
 */
export function boxAt(
  flow: FlowDocument,
  types: NodeTypes,
  point: Position,
  moving: ReadonlySet<string> = new Set(),
): Inside {
  const gone = new Set([...moving, ...standingInside(flow, moving)]);
  const shown = shownPositions(flow);
  const boxes = loopBoxes(flow, types, (id) => shown.get(id));
  // Inner boxes come after the ones around them.
  return boxes.findLast((box) => !gone.has(box.id) && holds(box, point))?.id ?? null;
}

const insideOf = (node: FlowNode, inside: Inside): FlowNode => {
  const { inside: _, ...rest } = node;
  return inside === null ? rest : { ...rest, inside };
};

/** Whether a node may stand in a box: no trigger does, and no loop in itself. */
export function mayStand(
  flow: FlowDocument,
  types: NodeTypes,
  id: string,
  inside: Inside,
): boolean {
  const node = findNode(flow, id);
  if (!node || inside === null) return node !== undefined;
  if (inside === id || !findNode(flow, inside) || isTrigger(types.get(node.type))) return false;
  return !loopsAround(flow, inside).some((loop) => loop.id === id);
}

/**
 * The flow with nodes put in or out of boxes. No edge crosses a border: what led through those that
 * went leads on without them.
 */
export function placeInside(
  flow: FlowDocument,
  types: NodeTypes,
  wanted: ReadonlyMap<string, Inside>,
): FlowDocument {
  const going = new Set<string>();
  const nodes = flow.nodes.map((node) => {
    const inside = wanted.get(node.id);
    if (inside === undefined || inside === (node.inside ?? null)) return node;
    if (!mayStand(flow, types, node.id, inside)) return node;
    going.add(node.id);
    return insideOf(node, inside);
  });
  if (going.size === 0) return flow;
  const boxes = new Map(nodes.map((node) => [node.id, node.inside]));
  const crosses = (edge: FlowEdge) => boxes.get(edge.from) !== boxes.get(edge.to);
  const open = flow.edges.some(crosses) ? detached(flow, types, going, crosses) : flow;
  return { ...open, nodes, edges: open.edges.filter((edge) => !crosses(edge)) };
}

/** Puts a node in or out of a box by itself, as from its settings. */
export function setInside(
  flow: FlowDocument,
  types: NodeTypes,
  id: string,
  inside: Inside,
): Command | null {
  return command("node.field", flow, placeInside(flow, types, new Map([[id, inside]])));
}

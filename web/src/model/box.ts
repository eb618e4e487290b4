/** The boxes of loops: what stands inside one goes with it, and is taken in and out by dragging. */
import { type Command, command } from "./command";
import { type FlowDocument, type FlowNode, findNode, type Position } from "./flow";
import { type LoopBox, loopBoxes, shownPositions, sizeOf } from "./place";
import { isTrigger, type NodeTypes } from "./port";
import { loopsAround } from "./reach";

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

const holds = (box: LoopBox, [x, y]: Position): boolean =>
  x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;

/** The innermost box at a point. What is being moved stretches no box and is none itself. */
export function boxAt(
  flow: FlowDocument,
  types: NodeTypes,
  point: Position,
  moving: ReadonlySet<string> = new Set(),
): Inside {
  const gone = new Set([...moving, ...standingInside(flow, moving)]);
  const still = { ...flow, nodes: flow.nodes.filter((node) => !gone.has(node.id)) };
  const shown = shownPositions(flow);
  const boxes = loopBoxes(still, types, (id) => shown.get(id));
  // Inner boxes come after the ones around them.
  return boxes.findLast((box) => holds(box, point))?.id ?? null;
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

/** The flow with nodes put in or out of boxes; edges that would cross a border are gone. */
export function placeInside(
  flow: FlowDocument,
  types: NodeTypes,
  wanted: ReadonlyMap<string, Inside>,
): FlowDocument {
  let changed = false;
  const nodes = flow.nodes.map((node) => {
    const inside = wanted.get(node.id);
    if (inside === undefined || inside === (node.inside ?? null)) return node;
    if (!mayStand(flow, types, node.id, inside)) return node;
    changed = true;
    return insideOf(node, inside);
  });
  if (!changed) return flow;
  const boxes = new Map(nodes.map((node) => [node.id, node.inside]));
  const edges = flow.edges.filter((edge) => boxes.get(edge.from) === boxes.get(edge.to));
  return { ...flow, nodes, edges };
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

/**
 * Lets go of nodes that were dragged: what stands inside them comes along, and the box under the
 * one that was grabbed takes it in, with those that stood where it stood.
 */
export function dropNodes(
  flow: FlowDocument,
  types: NodeTypes,
  places: Record<string, Position>,
  grabbed?: string,
): Command | null {
  const layout = { ...flow.layout };
  for (const [id, [x, y]] of Object.entries(withInsides(flow, places))) {
    layout[id] = [Math.round(x), Math.round(y)];
  }
  const moved: FlowDocument = { ...flow, layout };
  const moving = new Set(Object.keys(places));
  const held = findNode(flow, grabbed ?? [...moving][0] ?? "");
  const place = held && places[held.id];
  // What is moved together with its loop stays in it.
  if (!held || !place || (held.inside !== undefined && moving.has(held.inside))) {
    return command("node.move", flow, moved);
  }
  const { width, height } = sizeOf(held, types);
  const target = boxAt(moved, types, [place[0] + width / 2, place[1] + height / 2], moving);
  const along = flow.nodes.filter((node) => moving.has(node.id) && node.inside === held.inside);
  const wanted = new Map(along.map((node): [string, Inside] => [node.id, target]));
  return command("node.move", flow, placeInside(moved, types, wanted));
}

/** Where nodes are drawn: where they were put, or by depth where nobody has put them yet. */
import { type FlowDocument, type FlowNode, type Position, positionOf } from "./flow";
import { type NodeTypes, outputPorts } from "./port";

export interface Size {
  width: number;
  height: number;
}

export const nodeWidth = 248;
const headHeight = 64;
const portHeight = 26;
/** The room between a node and the one that follows it. */
export const betweenNodes = 64;
const step = { x: nodeWidth + 88, y: 132 };

/** Whether a node lists its ports by name, which one lone default port does not need. */
export function listsPorts(ports: { name: string }[]): boolean {
  return ports.length > 1 || (ports[0] !== undefined && ports[0].name !== "out");
}

export function sizeOf(node: FlowNode, types: NodeTypes): Size {
  const ports = outputPorts(node, types.get(node.type));
  const rows = listsPorts(ports) ? ports.length : 0;
  return { width: nodeWidth, height: headHeight + (rows > 0 ? rows * portHeight + 8 : 0) };
}

/** A port's height on its node's right side, in the order of `outputPorts`. */
export function portOffset(index: number, listed: boolean): number {
  return listed ? headHeight + index * portHeight + portHeight / 2 : headHeight / 2;
}

export const entryOffset = headHeight / 2;

export function shownPositions(flow: FlowDocument): Map<string, Position> {
  const places = new Map<string, Position>();
  const lost: string[] = [];
  for (const node of flow.nodes) {
    const place = positionOf(flow, node.id);
    if (place) places.set(node.id, place);
    else lost.push(node.id);
  }
  if (lost.length === 0) return places;
  const depths = depthsOf(flow);
  const bottom = Math.max(0, ...[...places.values()].map(([, y]) => y + step.y));
  const rows = new Map<number, number>();
  for (const id of lost) {
    const depth = depths.get(id) ?? 0;
    const row = rows.get(depth) ?? 0;
    rows.set(depth, row + 1);
    places.set(id, [depth * step.x, bottom + row * step.y]);
  }
  return places;
}

/** The longest way to each node; a cycle ends the walk. */
function depthsOf(flow: FlowDocument): Map<string, number> {
  const depths = new Map(flow.nodes.map((node) => [node.id, 0]));
  for (let round = 0; round < flow.nodes.length; round += 1) {
    let moved = false;
    for (const edge of flow.edges) {
      const depth = (depths.get(edge.from) ?? 0) + 1;
      if (depth > (depths.get(edge.to) ?? 0) && depth < flow.nodes.length) {
        depths.set(edge.to, depth);
        moved = true;
      }
    }
    if (!moved) break;
  }
  return depths;
}

export interface LoopBox extends Size {
  id: string;
  /** Nothing stands in it yet. */
  empty?: true;
  x: number;
  y: number;
}

export const boxPadding = 24;
export const boxHead = 34;
const belowLoop = 24;
const loopType = "core.for_each";

export const isLoop = (node: FlowNode): boolean => node.type === loopType;

/** The box of a loop that holds nothing yet: below its node, with room for one. */
function emptyBox(id: string, [x, y]: Position, { height }: Size): LoopBox {
  return {
    id,
    empty: true,
    x: x - boxPadding,
    y: y + height + belowLoop,
    width: nodeWidth + 2 * boxPadding,
    height: boxHead + headHeight + boxPadding,
  };
}

/** The boxes around what stands inside loops, outer ones first. */
export function loopBoxes(
  flow: FlowDocument,
  types: NodeTypes,
  placeOf: (id: string) => Position | undefined,
): LoopBox[] {
  const inside = new Map<string, FlowNode[]>();
  for (const node of flow.nodes) {
    if (node.inside === undefined || node.inside === node.id) continue;
    const nodes = inside.get(node.inside);
    if (nodes) nodes.push(node);
    else inside.set(node.inside, [node]);
  }
  const made = new Map<string, LoopBox>();
  const boxOf = (loop: FlowNode, around: string[]): LoopBox | null => {
    const nodes = inside.get(loop.id);
    if (around.includes(loop.id)) return null;
    if (!nodes) {
      const place = isLoop(loop) ? placeOf(loop.id) : undefined;
      if (!place) return null;
      const empty = emptyBox(loop.id, place, sizeOf(loop, types));
      made.set(loop.id, empty);
      return empty;
    }
    const rooms = nodes.flatMap((node) => {
      const [x, y] = placeOf(node.id) ?? [0, 0];
      const own = { x, y, ...sizeOf(node, types) };
      const inner = boxOf(node, [...around, loop.id]);
      return inner ? [own, inner] : [own];
    });
    const x = Math.min(...rooms.map((it) => it.x)) - boxPadding;
    const y = Math.min(...rooms.map((it) => it.y)) - boxHead;
    const right = Math.max(...rooms.map((it) => it.x + it.width)) + boxPadding;
    const bottom = Math.max(...rooms.map((it) => it.y + it.height)) + boxPadding;
    const box = { id: loop.id, x, y, width: right - x, height: bottom - y };
    made.set(loop.id, box);
    return box;
  };
  for (const node of flow.nodes) {
    if (node.inside === undefined) boxOf(node, []);
  }
  return [...made.values()].reverse();
}

/** The nearest place to a wanted one where a new node covers no other. */
export function freePlace(flow: FlowDocument, types: NodeTypes, wanted: Position): Position {
  const places = shownPositions(flow);
  const boxes = flow.nodes.map((node) => {
    const [x, y] = places.get(node.id) ?? [0, 0];
    return { x, y, ...sizeOf(node, types) };
  });
  let [x, y] = wanted;
  const covered = () =>
    boxes.find(
      (box) =>
        x < box.x + box.width + 24 &&
        box.x < x + nodeWidth + 24 &&
        y < box.y + box.height + 20 &&
        box.y < y + headHeight + 20,
    );
  for (let box = covered(); box; box = covered()) y = box.y + box.height + 24;
  return [Math.round(x), Math.round(y)];
}

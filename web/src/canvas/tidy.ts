/** Tidy places by dagre: each node's top left corner. Loaded by the worker only. */
import { Graph as DagreGraph, layout } from "@dagrejs/dagre";

export interface GraphNode {
  id: string;
  width: number;
  height: number;
  /** What a loop does for each item; it is placed below the loop. */
  inside?: Graph;
}

export interface Graph {
  nodes: GraphNode[];
  edges: { from: string; to: string }[];
  /** Room around what stands inside a loop: at its sides and bottom, and at its top. */
  padding: number;
  head: number;
}

type Place = [number, number];
type Placed = { x: number; y: number; width: number; height: number };

interface Room {
  width: number;
  height: number;
  places: Record<string, Place>;
}

const gap = 24;
const [ranksep, nodesep] = [88, 36];

/** Each node right of all that lead to it, as few columns as that takes. */
function inColumns(graph: Graph, dagre: DagreGraph): void {
  const [column, open] = [new Map<string, number>(), new Map<string, number>()];
  for (const { to } of graph.edges) open.set(to, (open.get(to) ?? 0) + 1);
  const onward = new Map<string, string[]>(graph.nodes.map(({ id }) => [id, []]));
  for (const { from, to } of graph.edges) onward.get(from)?.push(to);
  const ready = graph.nodes.map(({ id }) => id).filter((id) => !open.has(id));
  for (const id of ready) {
    const own = column.get(id) ?? 0;
    for (const to of onward.get(id) ?? []) {
      column.set(to, Math.max(column.get(to) ?? 0, own + 1));
      const left = (open.get(to) ?? 1) - 1;
      open.set(to, left);
      if (left === 0) ready.push(to);
    }
  }
  const columns: Placed[][] = [];
  for (const { id } of graph.nodes) {
    const at = column.get(id) ?? 0;
    columns[at] = [...(columns[at] ?? []), dagre.node(id) as Placed];
  }
  let left = 0;
  for (const sizes of columns) {
    const width = Math.max(...sizes.map((it) => it.width));
    let top = 0;
    for (const it of sizes) {
      Object.assign(it, { x: left + width / 2, y: top + it.height / 2 });
      top += it.height + nodesep;
    }
    left += width + ranksep;
  }
}

function roomOf(graph: Graph): Room {
  const { padding, head } = graph;
  const inner = new Map<string, Room>();
  for (const { id, inside } of graph.nodes) if (inside) inner.set(id, roomOf(inside));
  const dagre = new DagreGraph();
  dagre.setGraph({ rankdir: "LR", ranksep, nodesep });
  dagre.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of graph.nodes) {
    const room = inner.get(id);
    dagre.setNode(id, {
      width: Math.max(width, room ? room.width + 2 * padding : 0),
      height: height + (room ? gap + head + room.height + padding : 0),
    });
  }
  for (const { from, to } of graph.edges) dagre.setEdge(from, to);
  try {
    layout(dagre);
  } catch (error) {
    // It goes down along edges by calling itself: a line of a thousand nodes is too long for that.
    if (!(error instanceof RangeError)) throw error;
    inColumns(graph, dagre);
  }
  const places: Record<string, Place> = {};
  let [right, bottom] = [0, 0];
  for (const { id, height } of graph.nodes) {
    const taken = dagre.node(id) as Placed;
    const [x, y] = [taken.x - taken.width / 2, taken.y - taken.height / 2];
    places[id] = [Math.round(x), Math.round(y)];
    right = Math.max(right, x + taken.width);
    bottom = Math.max(bottom, y + taken.height);
    for (const [name, [left, top]] of Object.entries(inner.get(id)?.places ?? {})) {
      places[name] = [Math.round(x + padding + left), Math.round(y + height + gap + head + top)];
    }
  }
  return { width: right, height: bottom, places };
}

export function place(graph: Graph): Record<string, Place> {
  return roomOf(graph).places;
}

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

interface Room {
  width: number;
  height: number;
  places: Record<string, Place>;
}

const gap = 24;

function roomOf(graph: Graph): Room {
  const { padding, head } = graph;
  const inner = new Map<string, Room>();
  for (const { id, inside } of graph.nodes) if (inside) inner.set(id, roomOf(inside));
  const dagre = new DagreGraph();
  dagre.setGraph({ rankdir: "LR", ranksep: 88, nodesep: 36 });
  dagre.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of graph.nodes) {
    const room = inner.get(id);
    dagre.setNode(id, {
      width: Math.max(width, room ? room.width + 2 * padding : 0),
      height: height + (room ? gap + head + room.height + padding : 0),
    });
  }
  for (const { from, to } of graph.edges) dagre.setEdge(from, to);
  layout(dagre);
  const places: Record<string, Place> = {};
  let [right, bottom] = [0, 0];
  for (const { id, height } of graph.nodes) {
    const taken = dagre.node(id) as { x: number; y: number; width: number; height: number };
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

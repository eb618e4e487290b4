/** Tidy places by dagre: each node's top left corner. Loaded by the worker only. */
import { Graph as DagreGraph, layout } from "@dagrejs/dagre";

export interface Graph {
  nodes: { id: string; width: number; height: number }[];
  edges: { from: string; to: string }[];
}

export function place(graph: Graph): Record<string, [number, number]> {
  const dagre = new DagreGraph();
  dagre.setGraph({ rankdir: "LR", ranksep: 88, nodesep: 36 });
  dagre.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of graph.nodes) dagre.setNode(id, { width, height });
  for (const { from, to } of graph.edges) dagre.setEdge(from, to);
  layout(dagre);
  return Object.fromEntries(
    graph.nodes.map(({ id, width, height }) => {
      const { x, y } = dagre.node(id) as { x: number; y: number };
      return [id, [Math.round(x - width / 2), Math.round(y - height / 2)]];
    }),
  );
}

/** From node to node without a pointer: along edges, in and out of loops, to what stands above. */
import { edgeKey, type FlowDocument, type FlowEdge, findNode, portOf } from "./flow";
import { shownPositions } from "./place";

/** A way from one node to another: an edge, or the border of a loop. */
export interface Way {
  /** The node that it leads to. */
  to: string;
  /** The edge's key; null for a step into or out of a loop. */
  edge: string | null;
  /** The port that it leaves from; null for a step into or out of a loop. */
  port: string | null;
}

const along = (edge: FlowEdge, to: string): Way => ({
  to,
  edge: edgeKey(edge),
  port: portOf(edge),
});
const across = (to: string): Way => ({ to, edge: null, port: null });

/** The ways on from a node: into the loop that it is, then along its edges in document order. */
export function waysOn(flow: FlowDocument, id: string): Way[] {
  const led = new Set(flow.edges.map((edge) => edge.to));
  const inner = flow.nodes.filter((node) => node.inside === id);
  const starts = inner.filter((node) => !led.has(node.id));
  return [
    ...starts.map((node) => across(node.id)),
    ...flow.edges.filter((edge) => edge.from === id).map((edge) => along(edge, edge.to)),
  ];
}

/** The ways back from a node: along the edges that lead to it, else out of the loop around it. */
export function waysBack(flow: FlowDocument, id: string): Way[] {
  const edges = flow.edges.filter((edge) => edge.to === id);
  if (edges.length > 0) return edges.map((edge) => along(edge, edge.from));
  const loop = findNode(flow, id)?.inside;
  return loop === undefined ? [] : [across(loop)];
}

/** The nearest node above or below a node; what stands straight there is nearer than what stands aside. */
export function nodeBeyond(flow: FlowDocument, id: string, down: boolean): string | null {
  const places = shownPositions(flow);
  const here = places.get(id);
  if (!here) return null;
  let best: { id: string; distance: number } | null = null;
  for (const node of flow.nodes) {
    const place = places.get(node.id);
    if (!place || node.id === id) continue;
    const away = (place[1] - here[1]) * (down ? 1 : -1);
    if (away <= 0) continue;
    const distance = away + 2 * Math.abs(place[0] - here[0]);
    if (!best || distance < best.distance) best = { id: node.id, distance };
  }
  return best?.id ?? null;
}

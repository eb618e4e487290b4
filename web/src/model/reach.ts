/** Who can see whom: predecessors along edges, and out of the loop boxes a node stands in. */
import { type FlowDocument, type FlowNode, findNode } from "./flow";

function predecessors(flow: FlowDocument): Map<string, string[]> {
  const before = new Map<string, string[]>();
  for (const edge of flow.edges) {
    const list = before.get(edge.to);
    if (list) list.push(edge.from);
    else before.set(edge.to, [edge.from]);
  }
  return before;
}

/** The loops around a node, innermost first. A badly nested document ends the walk. */
export function loopsAround(flow: FlowDocument, id: string): FlowNode[] {
  const loops: FlowNode[] = [];
  let node = findNode(flow, id);
  while (node?.inside) {
    const loop = findNode(flow, node.inside);
    if (!loop || loops.includes(loop)) break;
    loops.push(loop);
    node = loop;
  }
  return loops;
}

/** The nodes whose outputs a node may read, nearest first. */
export function ancestors(flow: FlowDocument, id: string): string[] {
  const before = predecessors(flow);
  const seen = new Set<string>([id]);
  const found: string[] = [];
  const starts = [id, ...loopsAround(flow, id).map((loop) => loop.id)];
  let edge = starts;
  while (edge.length > 0) {
    const next: string[] = [];
    for (const at of edge) {
      for (const from of before.get(at) ?? []) {
        if (seen.has(from)) continue;
        seen.add(from);
        next.push(from);
        found.push(from);
      }
    }
    edge = next;
  }
  return found.filter((name) => !starts.includes(name));
}

/** Whether `to` can be reached from `from` along edges. */
export function reaches(flow: FlowDocument, from: string, to: string): boolean {
  const before = predecessors(flow);
  const seen = new Set<string>();
  const open = [to];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === from) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    open.push(...(before.get(at) ?? []));
  }
  return false;
}

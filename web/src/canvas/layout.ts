/** Tidy places for nodes, reckoned by dagre away from the page's own thread. */
import { type FlowDocument, type FlowNode, type Position, portOf } from "~/model/flow.ts";
import { boxHead, boxPadding, sizeOf } from "~/model/place.ts";
import { type NodeTypes, outputPorts } from "~/model/port.ts";
import type { Graph } from "./tidy.ts";

/** Edges in the order of their source's ports, so that branches do not cross for nothing. */
function graphOf(
  flow: FlowDocument,
  types: NodeTypes,
  chosen: ReadonlySet<string> | null,
  loop: string | null,
): Graph {
  const known = new Set(flow.nodes.map((node) => node.id));
  const stands = (node: FlowNode) => {
    const box = node.inside !== undefined && known.has(node.inside) ? node.inside : null;
    if (!chosen) return box === loop;
    return chosen.has(node.id) && (box === loop || (loop === null && !chosen.has(box ?? "")));
  };
  const nodes = flow.nodes.filter(stands);
  const ids = new Set(nodes.map((node) => node.id));
  const edges = nodes.flatMap((node) =>
    outputPorts(node, types.get(node.type)).flatMap((port) =>
      flow.edges
        .filter((edge) => edge.from === node.id && portOf(edge) === port.name && ids.has(edge.to))
        .map((edge) => ({ from: edge.from, to: edge.to })),
    ),
  );
  return {
    nodes: nodes.map((node) => {
      const filled = flow.nodes.some((it) => it.inside === node.id && it !== node);
      const inside = filled && graphOf(flow, types, chosen, node.id);
      const shape = { id: node.id, ...sizeOf(node, types) };
      return inside && inside.nodes.length > 0 ? { ...shape, inside } : shape;
    }),
    edges,
    padding: boxPadding,
    head: boxHead,
  };
}

/** Places for all nodes, or for the chosen ones among themselves. */
export function tidyPlaces(
  flow: FlowDocument,
  types: NodeTypes,
  chosen: ReadonlySet<string> | null,
): Promise<Record<string, Position>> {
  const worker = new Worker(new URL("./tidy.worker.ts", import.meta.url), { type: "module" });
  return new Promise<Record<string, Position>>((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<Record<string, Position>>) => resolve(event.data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(graphOf(flow, types, chosen, null));
  }).finally(() => worker.terminate());
}

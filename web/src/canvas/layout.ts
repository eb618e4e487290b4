/** Tidy places for nodes, reckoned by dagre away from the page's own thread. */
import { type FlowDocument, type Position, portOf } from "~/model/flow.ts";
import { sizeOf } from "~/model/place.ts";
import { type NodeTypes, outputPorts } from "~/model/port.ts";
import type { Graph } from "./tidy.ts";

/** Edges in the order of their source's ports, so that branches do not cross for nothing. */
function graphOf(flow: FlowDocument, types: NodeTypes, chosen: ReadonlySet<string> | null): Graph {
  const nodes = flow.nodes.filter((node) => !chosen || chosen.has(node.id));
  const ids = new Set(nodes.map((node) => node.id));
  const edges = nodes.flatMap((node) =>
    outputPorts(node, types.get(node.type)).flatMap((port) =>
      flow.edges
        .filter((edge) => edge.from === node.id && portOf(edge) === port.name && ids.has(edge.to))
        .map((edge) => ({ from: edge.from, to: edge.to })),
    ),
  );
  return { nodes: nodes.map((node) => ({ id: node.id, ...sizeOf(node, types) })), edges };
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
    worker.postMessage(graphOf(flow, types, chosen));
  }).finally(() => worker.terminate());
}

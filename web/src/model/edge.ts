/** Which edges a flow may have. */
import { defaultPort, edgeKey, type FlowDocument, type FlowEdge, findNode, portOf } from "./flow";
import { isTrigger, type NodeTypes, outputPorts } from "./port";
import { reaches } from "./reach";

export type EdgeRefusal =
  | "unknown_node"
  | "same_node"
  | "into_trigger"
  | "unknown_port"
  | "exists"
  | "crosses_box"
  | "cycle";

export function makeEdge(from: string, port: string, to: string): FlowEdge {
  return port === defaultPort ? { from, to } : { from, port, to };
}

/** Why an edge cannot be, or null where it can. */
export function refuseEdge(
  flow: FlowDocument,
  types: NodeTypes,
  edge: FlowEdge,
): EdgeRefusal | null {
  const [source, target] = [findNode(flow, edge.from), findNode(flow, edge.to)];
  if (!source || !target) return "unknown_node";
  if (source === target) return "same_node";
  if (isTrigger(types.get(target.type))) return "into_trigger";
  const ports = outputPorts(source, types.get(source.type));
  if (!ports.some((port) => port.name === portOf(edge))) return "unknown_port";
  if (flow.edges.some((other) => edgeKey(other) === edgeKey(edge))) return "exists";
  if (source.inside !== target.inside) return "crosses_box";
  if (reaches(flow, target.id, source.id)) return "cycle";
  return null;
}

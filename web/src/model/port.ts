/** Which ports a node has: its type's, those its params name, and the error port. */
import type { NodeType, Port } from "~/api/contract";
import type { Json } from "~/api/json";
import { defaultPort, errorPort, type FlowNode } from "./flow";
import { expandPointer, readAt } from "./pointer";

export type NodeTypes = ReadonlyMap<string, NodeType>;

export function nodeTypesOf(catalog: { node_types: NodeType[] }): NodeTypes {
  return new Map(catalog.node_types.map((type) => [type.type, type]));
}

export function isTrigger(type: NodeType | undefined): boolean {
  return type?.kind === "trigger";
}

/** The ports an edge may leave from, top to bottom. An unknown type has the default port. */
export function outputPorts(node: FlowNode, type: NodeType | undefined): Port[] {
  const ports: Port[] = type ? [...ownPorts(node, type), ...type.ports] : [plain(defaultPort)];
  if (node.on_error === "branch" && type?.kind !== "trigger") ports.push(plain(errorPort));
  return ports.filter((port, index) => index === ports.findIndex((it) => it.name === port.name));
}

function ownPorts(node: FlowNode, type: NodeType): Port[] {
  return ownPortNames(node, type)
    .filter((name) => name !== "")
    .map(plain);
}

/** The names that a node's params give its ports, in order; an unnamed one is empty text. */
export function ownPortNames(node: FlowNode, type: NodeType | undefined): string[] {
  if (!type?.own_ports) return [];
  const params = node.params as Json | undefined;
  return expandPointer(params, type.own_ports).map((pointer) => {
    const name = readAt(params, pointer);
    return typeof name === "string" ? name : "";
  });
}

function plain(name: string): Port {
  return { name, title: name };
}

/** Which ports a node has: its type's, those its params name, and the error port. */
import { t } from "@lingui/core/macro";
import type { NodeType, Port } from "~/api/contract";
import type { Json, JsonObject } from "~/api/json";
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

/** Whether an edge may leave from a port. */
export function hasPort(node: FlowNode, type: NodeType | undefined, port: string): boolean {
  if (port === errorPort && node.on_error === "branch" && !isTrigger(type)) return true;
  if (!type) return port === defaultPort;
  const own = port !== "" && ownPortNames(node, type).includes(port);
  return own || type.ports.some(({ name }) => name === port);
}

function ownPorts(node: FlowNode, type: NodeType): Port[] {
  const names = ownPortNames(node, type).filter((name) => name !== "");
  return names.map((name, index) => ({ name, title: wayTitle(name, index, names.length) }));
}

const unnamedWay = /^path_\d+$/;

/** Whether nobody has given this way out a name: edges know it by its number. */
export const isUnnamedWay = (name: string): boolean => unnamedWay.test(name);

/** A name by which edges know a way out that people have not named, apart from those there are. */
export function freshWay(names: readonly (Json | undefined)[]): string {
  let number = names.length + 1;
  while (names.includes(`path_${number}`)) number += 1;
  return `path_${number}`;
}

/** What people see of a way out: its name, or else its turn. */
export function wayTitle(name: string, index: number, count: number): string {
  if (!isUnnamedWay(name)) return name;
  if (index === 0) return t`If`;
  return count > 2 ? t`Otherwise, if (${index + 1})` : t`Otherwise, if`;
}

/** What a new node starts with: a question that is to be filled in, where there must be one. */
export function startingParams(type: string): JsonObject | undefined {
  if (type !== "core.branch") return undefined;
  return { rules: [{ port: freshWay([]), when: { $expr: "" } }] };
}

const named = new WeakMap<FlowNode, { type: NodeType; names: readonly string[] }>();

/** The names that a node's params give its ports, in order; an unnamed one is empty text. */
export function ownPortNames(node: FlowNode, type: NodeType | undefined): readonly string[] {
  if (!type?.own_ports) return [];
  const known = named.get(node);
  if (known?.type === type) return known.names;
  const params = node.params as Json | undefined;
  const names = expandPointer(params, type.own_ports).map((pointer) => {
    const name = readAt(params, pointer);
    return typeof name === "string" ? name : "";
  });
  // Nodes are never written to: one that has not changed is read once.
  named.set(node, { type, names });
  return names;
}

function plain(name: string): Port {
  return { name, title: name };
}

/** Copying and pasting parts of flows as plain JSON text, within and across flows. */
import { isObject, type Json, parseJson, writeJson } from "~/api/json";
import { type Command, type CommandId, command } from "./command";
import {
  type FlowDocument,
  type FlowNode,
  findNode,
  type Position,
  positionOf,
  readFlow,
} from "./flow";
import { freshNodeId } from "./node-id";
import { renameInValue } from "./reference";

export interface Pasted {
  command: Command | null;
  ids: string[];
}

/** The chosen nodes, the edges between them and where they stand, as text. */
export function copyNodes(flow: FlowDocument, ids: ReadonlySet<string>): string {
  const layout: Record<string, Position> = {};
  for (const id of ids) {
    const place = positionOf(flow, id);
    if (place) layout[id] = place;
  }
  const part = {
    format: flow.format,
    nodes: flow.nodes.filter((node) => ids.has(node.id)),
    edges: flow.edges.filter((edge) => ids.has(edge.from) && ids.has(edge.to)),
    layout,
  };
  return writeJson(part, 2);
}

/** Reads what was copied here, a whole flow, or a list of nodes; null for any other text. */
export function readCopied(text: string): FlowDocument | null {
  try {
    const value = parseJson(text);
    const part: Json = Array.isArray(value) ? { nodes: value } : value;
    if (!isObject(part)) return null;
    return readFlow({ format: 1, id: "", name: "", edges: [], ...part });
  } catch {
    return null;
  }
}

/** Adds a copied part with fresh ids, its formulas following; `at` is its top left corner. */
export function paste(
  flow: FlowDocument,
  part: FlowDocument,
  at: Position | null,
  id: CommandId = "node.paste",
): Pasted {
  const taken = new Set(flow.nodes.map((node) => node.id));
  const names = new Map<string, string>();
  for (const node of part.nodes) {
    const own = taken.has(node.id) ? freshNodeId(node.type, taken) : node.id;
    names.set(node.id, own);
    taken.add(own);
  }
  const rename = (name: string) => names.get(name) ?? name;
  const nodes = part.nodes.map((node) => renamed(node, rename, names, flow));
  const edges = part.edges
    .filter((edge) => names.has(edge.from) && names.has(edge.to))
    .map((edge) => ({ ...edge, from: rename(edge.from), to: rename(edge.to) }));
  const next: FlowDocument = {
    ...flow,
    nodes: [...flow.nodes, ...nodes],
    edges: [...flow.edges, ...edges],
    layout: { ...flow.layout, ...places(part, names, at) },
  };
  return { command: command(id, flow, next), ids: [...names.values()] };
}

function renamed(
  node: FlowNode,
  rename: (name: string) => string,
  names: ReadonlyMap<string, string>,
  flow: FlowDocument,
): FlowNode {
  const { inside, ...rest } = node;
  const copy: FlowNode = { ...rest, id: rename(node.id) };
  if (node.params) copy.params = renameInValue(node.params, rename) as FlowNode["params"] & object;
  if (inside !== undefined) {
    if (names.has(inside)) copy.inside = rename(inside);
    else if (findNode(flow, inside)) copy.inside = inside;
  }
  return copy;
}

function places(
  part: FlowDocument,
  names: ReadonlyMap<string, string>,
  at: Position | null,
): Record<string, Position> {
  const found = part.nodes.map((node, index): [string, Position] => [
    names.get(node.id) ?? node.id,
    positionOf(part, node.id) ?? [index * 40, index * 40],
  ]);
  const left = Math.min(...found.map(([, [x]]) => x));
  const top = Math.min(...found.map(([, [, y]]) => y));
  const [dx, dy] = at ? [at[0] - left, at[1] - top] : [40, 40];
  return Object.fromEntries(
    found.map(([id, [x, y]]): [string, Position] => [id, [Math.round(x + dx), Math.round(y + dy)]]),
  );
}

/** Copies nodes beside themselves. */
export function duplicate(flow: FlowDocument, ids: ReadonlySet<string>): Pasted {
  const part = readCopied(copyNodes(flow, ids));
  return part ? paste(flow, part, null, "node.duplicate") : { command: null, ids: [] };
}

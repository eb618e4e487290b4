/**
 * What differs between two flows, node by node and field by field, as people think of it.
 *
 * Unlike `change.ts`, which undoes, this one explains; still nothing is lost: `applyDiff` makes the
 * second flow of the first.
 */
import { isObject, type Json, sameJson } from "~/api/json";
import { edgeKey, type FlowDocument, type FlowEdge, type FlowNode } from "../flow";

/** `moved`: it only stands elsewhere on the canvas. */
export type Kind = "added" | "removed" | "changed" | "moved";

export interface FieldDiff {
  /** Where it is, in the node or the flow: `["params", "text"]`. */
  path: string[];
  /** Undefined where the field was not there. */
  before: Json | undefined;
  after: Json | undefined;
}

export interface NodeDiff {
  id: string;
  kind: Kind;
  before: FlowNode | undefined;
  after: FlowNode | undefined;
  fields: FieldDiff[];
}

export interface EdgeDiff {
  kind: "added" | "removed";
  edge: FlowEdge;
}

export interface FlowDiff {
  nodes: NodeDiff[];
  edges: EdgeDiff[];
  /** The flow's own fields: its name, language, limits, notes. */
  fields: FieldDiff[];
  places: FieldDiff[];
  /** The nodes and edges of the second flow in their order, where it says more than the rest. */
  order: { nodes: string[]; edges: string[] };
}

const apart = new Set(["nodes", "edges", "layout"]);
/** What people read, which changes nothing of what a flow does. */
const words = new Set(["label", "note"]);
const wordsOfFlow = new Set(["name", "notes"]);

export function diffFlows(before: FlowDocument, after: FlowDocument): FlowDiff {
  const places = fieldsOf({ ...before.layout }, { ...after.layout }, [], 1);
  const nodes = diffNodes(before, after, new Set(places.map(({ path }) => path[0])));
  return {
    nodes,
    edges: diffEdges(before.edges, after.edges),
    fields: fieldsOf(without(before), without(after), [], 2),
    places,
    order: { nodes: after.nodes.map(({ id }) => id), edges: after.edges.map(edgeKey) },
  };
}

function without(flow: FlowDocument): Record<string, Json> {
  return Object.fromEntries(Object.entries(flow).filter(([name]) => !apart.has(name))) as Record<
    string,
    Json
  >;
}

function diffNodes(
  before: FlowDocument,
  after: FlowDocument,
  moved: ReadonlySet<string | undefined>,
): NodeDiff[] {
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  const fresh = new Map(after.nodes.map((node) => [node.id, node]));
  const found: NodeDiff[] = [];
  for (const node of after.nodes) {
    const was = old.get(node.id);
    if (!was) {
      found.push({ id: node.id, kind: "added", before: undefined, after: node, fields: [] });
      continue;
    }
    const fields =
      was === node ? [] : fieldsOf(was as unknown as Json, node as unknown as Json, []);
    const kind = fields.length > 0 ? "changed" : moved.has(node.id) ? "moved" : null;
    if (kind) found.push({ id: node.id, kind, before: was, after: node, fields });
  }
  for (const node of before.nodes) {
    if (fresh.has(node.id)) continue;
    found.push({ id: node.id, kind: "removed", before: node, after: undefined, fields: [] });
  }
  return found;
}

function diffEdges(before: FlowEdge[], after: FlowEdge[]): EdgeDiff[] {
  const has = (edges: FlowEdge[], edge: FlowEdge) =>
    edges.some((it) => it === edge || sameJson(it as Json, edge as Json));
  const byKey = (edges: FlowEdge[]) => {
    const map = new Map<string, FlowEdge[]>();
    for (const edge of edges) map.set(edgeKey(edge), [...(map.get(edgeKey(edge)) ?? []), edge]);
    return map;
  };
  const [old, fresh] = [byKey(before), byKey(after)];
  const gone = before.filter((edge) => !has(fresh.get(edgeKey(edge)) ?? [], edge));
  const come = after.filter((edge) => !has(old.get(edgeKey(edge)) ?? [], edge));
  return [
    ...come.map((edge): EdgeDiff => ({ kind: "added", edge })),
    ...gone.map((edge): EdgeDiff => ({ kind: "removed", edge })),
  ];
}

/** A formula, a text with slots, a plain value: one thing, whatever it looks like inside. */
function isWhole(value: object): boolean {
  return Object.keys(value).some((name) => name.startsWith("$"));
}

function fieldsOf(before: Json, after: Json, path: string[], deep = 6): FieldDiff[] {
  if (before === after) return [];
  if (isObject(before) && isObject(after) && !isWhole(before) && !isWhole(after) && deep > 0) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) =>
      fieldsOf(before[name] as Json, after[name] as Json, [...path, name], deep - 1),
    );
  }
  if (before !== undefined && after !== undefined && sameJson(before, after)) return [];
  return [{ path, before, after }];
}

export function applyDiff(flow: FlowDocument, diff: FlowDiff): FlowDocument {
  const nodes = new Map(flow.nodes.map((node) => [node.id, node]));
  for (const { id, kind, after, fields } of diff.nodes) {
    if (kind === "removed") nodes.delete(id);
    else if (kind === "added" && after) nodes.set(id, after);
    else
      nodes.set(id, applyFields(nodes.get(id) as unknown as Json, fields) as unknown as FlowNode);
  }
  const gone = diff.edges.filter(({ kind }) => kind === "removed");
  const edges = new Map(
    [
      ...flow.edges.filter((edge) => !gone.some((it) => sameJson(it.edge as Json, edge as Json))),
      ...diff.edges.filter(({ kind }) => kind === "added").map(({ edge }) => edge),
    ].map((edge) => [edgeKey(edge), edge]),
  );
  const own = applyFields(without(flow), diff.fields) as Record<string, Json>;
  const layout = applyFields({ ...flow.layout }, diff.places) as Record<string, Json>;
  return {
    ...own,
    nodes: diff.order.nodes.map((id) => nodes.get(id)),
    edges: diff.order.edges.map((key) => edges.get(key)),
    ...((flow.layout || Object.keys(layout).length > 0) && { layout }),
  } as FlowDocument;
}

function applyFields(value: Json, fields: FieldDiff[]): Json {
  return fields.reduce((now, { path, after }) => put(now, path, after) as Json, value);
}

function put(value: Json | undefined, path: string[], placed: Json | undefined): Json | undefined {
  const [name, ...rest] = path;
  if (name === undefined) return placed;
  const members = { ...(value as Record<string, Json>) };
  const inner = put(members[name], rest, placed);
  if (inner === undefined) delete members[name];
  else members[name] = inner;
  return members;
}

export interface Count {
  added: number;
  removed: number;
  changed: number;
  moved: number;
}

/** How many nodes differ in which way. */
export function countNodes(diff: FlowDiff): Count {
  const count: Count = { added: 0, removed: 0, changed: 0, moved: 0 };
  for (const { kind } of diff.nodes) count[kind] += 1;
  return count;
}

export const isSame = (diff: FlowDiff): boolean =>
  diff.nodes.length + diff.edges.length + diff.fields.length + diff.places.length === 0;

/** Whether the flows do the same, whatever they are called and look like. */
export function doesSame(diff: FlowDiff): boolean {
  return (
    diff.edges.length === 0 &&
    diff.fields.every(({ path }) => wordsOfFlow.has(path[0] ?? "")) &&
    diff.nodes.every(
      ({ kind, fields }) =>
        kind === "moved" ||
        (kind === "changed" && fields.every(({ path }) => words.has(path[0] ?? ""))),
    )
  );
}

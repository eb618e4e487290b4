/** Copying and pasting parts of flows as plain JSON text, within and across flows. */
import { isObject, type Json, parseJson, writeJson } from "~/api/json";
import { type Command, type CommandId, command } from "./command";
import { type Chosen, withHeld } from "./edit";
import {
  type FlowDocument,
  type FlowNode,
  findNode,
  type Position,
  positionOf,
  readFlow,
} from "./flow";
import { freshNodeId } from "./node-id";
import { freshNoteId, type Note, notesOf, withNotes } from "./note";
import { shownPositions } from "./place";
import type { NodeTypes } from "./port";
import { renameInValue } from "./reference";
import { titleOfNode } from "./title";

/** What could not come along with a pasted node. */
export interface Lost {
  what: "connection" | "type" | "variable" | "loop";
  /** The node as people call it. */
  node: string;
  /** The name of what is missing. */
  name: string;
}

export interface Pasted {
  command: Command | null;
  ids: string[];
  notes: string[];
  lost: Lost[];
}

/** What there is where something is pasted. */
export interface Here {
  types: NodeTypes;
  /** The connections of the workspace; null where they are not known. */
  connections: ReadonlySet<string> | null;
}

/** The names of nodes that a node's formulas read. */
function readBy(node: FlowNode): Set<string> {
  const names = new Set<string>();
  renameInValue((node.params ?? null) as Json, (name) => {
    names.add(name);
    return name;
  });
  return names;
}

/** The chosen nodes and notes, the edges between them and where they stand, as text. */
export function copyChosen(flow: FlowDocument, chosen: Chosen): string {
  const { nodes: ids, notes } = withHeld(flow, chosen);
  const shown = shownPositions(flow);
  const layout: Record<string, Position> = {};
  for (const id of ids) {
    const place = shown.get(id);
    if (place) layout[id] = place;
  }
  const nodes = flow.nodes.filter((node) => ids.has(node.id));
  const left = flow.nodes.filter((node) => !ids.has(node.id)).map((node) => node.id);
  const read = nodes.map(readBy);
  const all = notesOf(flow);
  // A group comes along with what it holds, or else with all of it.
  const comes = (note: Note) => notes.has(note.id) || heldBy(note, ids);
  const part = {
    format: flow.format,
    nodes,
    edges: flow.edges.filter((edge) => ids.has(edge.from) && ids.has(edge.to)),
    layout,
    notes: (flow.notes ?? []).filter((_, index) => {
      const note = all[index];
      return note !== undefined && comes(note);
    }),
    reads: left.filter((id) => read.some((names) => names.has(id))),
  };
  return writeJson(part, 2);
}

const heldBy = (note: Note, ids: ReadonlySet<string>): boolean =>
  note.nodes !== null && note.nodes.length > 0 && note.nodes.every((id) => ids.has(id));

/** Reads what was copied here, a whole flow, or a list of nodes; null for any other text. */
export function readCopied(text: string): FlowDocument | null {
  try {
    const value = parseJson(text);
    const part: Json = Array.isArray(value) ? { nodes: value } : value;
    if (!isObject(part)) return null;
    return readFlow({ format: 1, id: "", name: "", edges: [], nodes: [], ...part });
  } catch {
    return null;
  }
}

/** Whether a part of a flow holds anything to paste. */
export const isEmptyPart = (part: FlowDocument): boolean =>
  part.nodes.length === 0 && notesOf(part).length === 0;

function lostFrom(part: FlowDocument, flow: FlowDocument, here: Here): Lost[] {
  const copied = new Set(part.nodes.map((node) => node.id));
  const missing = (id: Json): id is string =>
    typeof id === "string" && !copied.has(id) && !findNode(flow, id);
  const reads = Array.isArray(part.reads) ? (part.reads as Json[]).filter(missing) : [];
  return part.nodes.flatMap((node): Lost[] => {
    const title = titleOfNode(node, here.types.get(node.type));
    const read = readBy(node);
    const lost: Lost[] = reads
      .filter((name) => read.has(name))
      .map((name) => ({ what: "variable", node: title, name }));
    if (!here.types.has(node.type)) lost.push({ what: "type", node: title, name: node.type });
    if (node.connection !== undefined && here.connections?.has(node.connection) === false) {
      lost.push({ what: "connection", node: title, name: node.connection });
    }
    if (node.inside !== undefined && missing(node.inside)) {
      lost.push({ what: "loop", node: title, name: node.inside });
    }
    return lost;
  });
}

/** Adds a copied part with fresh ids, its formulas following; `at` is its top left corner. */
export function paste(
  flow: FlowDocument,
  part: FlowDocument,
  at: Position | null,
  here: Here,
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
  const nodes = part.nodes.map((node) => renamed(node, rename, names, flow, here));
  const edges = part.edges
    .filter((edge) => names.has(edge.from) && names.has(edge.to))
    .map((edge) => ({ ...edge, from: rename(edge.from), to: rename(edge.to) }));
  const by = shiftOf(part, at);
  const notes = notesFor(flow, part, names, by);
  const next: FlowDocument = {
    ...flow,
    nodes: [...flow.nodes, ...nodes],
    edges: [...flow.edges, ...edges],
    layout: { ...flow.layout, ...places(part, names, by) },
    ...(notes.json.length > 0 && { notes: [...(flow.notes ?? []), ...notes.json] }),
  };
  const lost = lostFrom(part, flow, here);
  return { command: command(id, flow, next), ids: [...names.values()], notes: notes.ids, lost };
}

function renamed(
  node: FlowNode,
  rename: (name: string) => string,
  names: ReadonlyMap<string, string>,
  flow: FlowDocument,
  here: Here,
): FlowNode {
  const { inside, connection, ...rest } = node;
  const copy: FlowNode = { ...rest, id: rename(node.id) };
  if (connection !== undefined && here.connections?.has(connection) !== false) {
    copy.connection = connection;
  }
  if (node.params) copy.params = renameInValue(node.params, rename) as FlowNode["params"] & object;
  if (inside !== undefined) {
    if (names.has(inside)) copy.inside = rename(inside);
    else if (findNode(flow, inside)) copy.inside = inside;
  }
  return copy;
}

const stepAside: Position = [40, 40];

function placeIn(part: FlowDocument, id: string, index: number): Position {
  return positionOf(part, id) ?? [index * 40, index * 40];
}

/** The way from where a part was copied to where it is put. */
function shiftOf(part: FlowDocument, at: Position | null): Position {
  if (!at) return stepAside;
  const corners = [
    ...part.nodes.map((node, index) => placeIn(part, node.id, index)),
    ...notesOf(part).map((note) => note.at),
  ];
  const left = Math.min(...corners.map(([x]) => x));
  const top = Math.min(...corners.map(([, y]) => y));
  return [at[0] - left, at[1] - top];
}

function places(
  part: FlowDocument,
  names: ReadonlyMap<string, string>,
  [dx, dy]: Position,
): Record<string, Position> {
  return Object.fromEntries(
    part.nodes.map((node, index): [string, Position] => {
      const [x, y] = placeIn(part, node.id, index);
      return [names.get(node.id) ?? node.id, [Math.round(x + dx), Math.round(y + dy)]];
    }),
  );
}

/** Copied notes with ids of their own, at their new places, around the copies of what they held. */
function notesFor(
  flow: FlowDocument,
  part: FlowDocument,
  names: ReadonlyMap<string, string>,
  [dx, dy]: Position,
): { json: Json[]; ids: string[] } {
  const taken = new Set(notesOf(flow).map((note) => note.id));
  const ids: string[] = [];
  const json = notesOf(part).flatMap((note, index): Json[] => {
    const id = freshNoteId(taken);
    taken.add(id);
    ids.push(id);
    const held = note.nodes?.flatMap((node) => names.get(node) ?? []) ?? null;
    const change = { id, at: [note.at[0] + dx, note.at[1] + dy] as Position, nodes: held };
    const own = { ...part, notes: [part.notes?.[index] ?? {}] };
    const first = notesOf(own)[0];
    return first ? (withNotes(own, new Map([[first.id, change]])).notes ?? []) : [];
  });
  return { json, ids };
}

/** Copies what is chosen beside itself. */
export function duplicate(flow: FlowDocument, chosen: Chosen, types: NodeTypes): Pasted {
  const part = readCopied(copyChosen(flow, chosen));
  if (!part || isEmptyPart(part)) return { command: null, ids: [], notes: [], lost: [] };
  return paste(flow, part, null, { types, connections: null }, "node.duplicate");
}

/** What people write on the canvas: notes, and the frames that hold nodes as groups. No logic. */
import { isObject, type Json, type JsonObject } from "~/api/json";
import { type Command, type CommandId, command } from "./command";
import type { FlowDocument, Position } from "./flow";
import { shownPositions } from "./place";
import type { Rect } from "./rect";

export const noteColors = ["yellow", "blue", "green", "pink", "grey"] as const;
export type NoteColor = (typeof noteColors)[number];

export interface Note {
  /** Its own id; of one that was written by hand without one, its place in the list. */
  id: string;
  text: string;
  title: string;
  at: Position;
  size: Position;
  color: NoteColor;
  /** What it holds, where it is the frame of a group. */
  nodes: string[] | null;
}

export interface AddedNote {
  command: Command | null;
  id: string;
}

export const longestText = 10_000;
export const longestTitle = 200;
const mostNotes = 500;
const usual: Position = [240, 160];
/** Between a note and what stands below it. */
const noteGap = 32;
export const leastSize: Position = [120, 64];

function pair(value: Json | undefined, otherwise: Position): Position {
  if (!Array.isArray(value) || value.length !== 2) return otherwise;
  const [x, y] = value.map(Number) as Position;
  return Number.isFinite(x) && Number.isFinite(y) ? [x, y] : otherwise;
}

const text = (value: Json | undefined): string => (typeof value === "string" ? value : "");

const idOf = (note: Json, index: number): string =>
  (isObject(note) && text(note.id)) || `note-${index}`;

function readNote(note: Json, index: number): Note {
  const fields: JsonObject = isObject(note) ? note : {};
  const nodes = fields.nodes;
  const size = pair(fields.size, usual);
  return {
    id: idOf(note, index),
    text: text(fields.text),
    title: text(fields.title),
    at: pair(fields.at, [index * 32, -220 - index * 32]),
    size: [Math.max(size[0], leastSize[0]), Math.max(size[1], leastSize[1])],
    color: noteColors.find((it) => it === fields.color) ?? "yellow",
    nodes: Array.isArray(nodes) ? nodes.filter((it) => typeof it === "string") : null,
  };
}

/** The notes and groups of a document, in its order. */
export function notesOf(flow: FlowDocument): Note[] {
  return Array.isArray(flow.notes) ? flow.notes.map(readNote) : [];
}

export function findNote(flow: FlowDocument, id: string): Note | undefined {
  return notesOf(flow).find((note) => note.id === id);
}

export const rectOf = ({ at, size }: Note): Rect => ({
  x: at[0],
  y: at[1],
  width: size[0],
  height: size[1],
});

export function freshNoteId(taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    if (!taken.has(`note_${number}`)) return `note_${number}`;
  }
}

/** A note as the document holds it: whole numbers, and nothing that says nothing. */
function written(note: Partial<Note>): JsonObject {
  const { nodes, title, at, size, ...rest } = note;
  return {
    ...rest,
    ...(title && { title }),
    ...(at && { at: at.map(Math.round) }),
    ...(size && { size: size.map(Math.round) }),
    ...(nodes && { nodes }),
  };
}

/** The flow with one more note, or null where no more are allowed. */
export function withNote(
  flow: FlowDocument,
  note: Omit<Note, "id">,
): [FlowDocument, string] | null {
  const notes = notesOf(flow);
  if (notes.length >= mostNotes) return null;
  const id = freshNoteId(new Set(notes.map((it) => it.id)));
  return [{ ...flow, notes: [...(flow.notes ?? []), written({ id, ...note })] }, id];
}

/** Where a note is written that nobody has a place for: above all that stands on the canvas. */
export function freeNotePlace(flow: FlowDocument): Position {
  const taken = [...shownPositions(flow).values(), ...notesOf(flow).map((note) => note.at)];
  const left = Math.min(...taken.map(([x]) => x), Number.POSITIVE_INFINITY);
  const top = Math.min(...taken.map(([, y]) => y), Number.POSITIVE_INFINITY);
  return taken.length === 0 ? [0, 0] : [left, top - usual[1] - noteGap];
}

/** Writes a new note with its top left corner at a place. */
export function addNote(flow: FlowDocument, at: Position, words = ""): AddedNote {
  const note = { text: words, title: "", at, size: usual, color: noteColors[0], nodes: null };
  const [next, id] = withNote(flow, note) ?? [flow, ""];
  return { command: command("note.add", flow, next), id };
}

/** The flow with notes changed by id; a note's unknown fields stay as they are. */
export function withNotes(
  flow: FlowDocument,
  changes: ReadonlyMap<string, Partial<Note>>,
): FlowDocument {
  if (!Array.isArray(flow.notes) || changes.size === 0) return flow;
  const notes = flow.notes.map((note, index): Json => {
    const change = changes.get(idOf(note, index));
    if (!change) return note;
    const next: JsonObject = { ...(isObject(note) ? note : {}), ...written(change) };
    if (change.title === "") delete next.title;
    return next;
  });
  return { ...flow, notes };
}

export function changeNote(
  flow: FlowDocument,
  id: string,
  change: Partial<Omit<Note, "id">>,
  merge?: string,
): Command | null {
  return command("note.change", flow, withNotes(flow, new Map([[id, change]])), merge);
}

/** The flow without some notes; the nodes of a group stay. */
export function withoutNotes(flow: FlowDocument, ids: ReadonlySet<string>): FlowDocument {
  if (!Array.isArray(flow.notes)) return flow;
  const notes = flow.notes.filter((note, index) => !ids.has(idOf(note, index)));
  return notes.length === flow.notes.length ? flow : { ...flow, notes };
}

export function removeNotes(
  flow: FlowDocument,
  ids: ReadonlySet<string>,
  id: CommandId = "note.remove",
): Command | null {
  return command(id, flow, withoutNotes(flow, ids));
}

/** Groups forget nodes that are gone; one that held only these goes with them. */
export function forgetNodes(flow: FlowDocument, gone: ReadonlySet<string>): FlowDocument {
  const changes = new Map<string, Partial<Note>>();
  const emptied = new Set<string>();
  for (const { id, nodes } of notesOf(flow)) {
    const left = nodes?.filter((node) => !gone.has(node));
    if (!nodes || !left || left.length === nodes.length) continue;
    if (left.length === 0) emptied.add(id);
    else changes.set(id, { nodes: left });
  }
  return withoutNotes(withNotes(flow, changes), emptied);
}

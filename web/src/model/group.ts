/** Groups: frames around nodes that move together. A frame is as large as it was drawn, or larger. */
import { standingInside } from "./box";
import { type Command, command } from "./command";
import { type FlowDocument, findNode, type Position } from "./flow";
import {
  type AddedNote,
  type Note,
  notesOf,
  rectOf,
  removeNotes,
  withNote,
  withNotes,
} from "./note";
import { loopBoxes, shownPositions, sizeOf } from "./place";
import type { NodeTypes } from "./port";
import { around, contains, holds, type Rect } from "./rect";

export const framePadding = 20;
export const frameHead = 40;
/** The room of a node's note below it. */
const remarkHeight = 36;

export type PlaceOf = (id: string) => Position | undefined;

export function placesOf(flow: FlowDocument): PlaceOf {
  const shown = shownPositions(flow);
  return (id) => shown.get(id);
}

/** What nodes take up: themselves with their notes, and the boxes of those that are loops. */
export function roomsOf(
  flow: FlowDocument,
  types: NodeTypes,
  placeOf: PlaceOf,
): ReadonlyMap<string, Rect> {
  const boxes = new Map(loopBoxes(flow, types, placeOf).map((box) => [box.id, box]));
  const rooms = new Map<string, Rect>();
  for (const node of flow.nodes) {
    const [x, y] = placeOf(node.id) ?? [0, 0];
    const { width, height } = sizeOf(node, types);
    const own = { x, y, width, height: height + (node.note ? remarkHeight : 0) };
    const box = boxes.get(node.id);
    rooms.set(node.id, (box && around([own, box])) ?? own);
  }
  return rooms;
}

/** The frame that nodes need: room around them, and for the title above. */
export function frameAround(rooms: Rect[]): Rect | null {
  const inner = around(rooms);
  return (
    inner && {
      x: inner.x - framePadding,
      y: inner.y - frameHead,
      width: inner.width + 2 * framePadding,
      height: inner.height + frameHead + framePadding,
    }
  );
}

/** A group's frame as it is drawn: as large as it was made, and around all that it holds. */
export function frameOf(group: Note, rooms: ReadonlyMap<string, Rect>): Rect {
  const held = (group.nodes ?? []).flatMap((id) => rooms.get(id) ?? []);
  const needed = frameAround(held);
  return (needed && around([rectOf(group), needed])) ?? rectOf(group);
}

/** Every note and group with the rectangle that it is drawn in. */
export function drawnNotes(
  flow: FlowDocument,
  types: NodeTypes,
  placeOf: PlaceOf,
): { note: Note; rect: Rect }[] {
  const notes = notesOf(flow);
  const rooms = notes.some((note) => note.nodes) ? roomsOf(flow, types, placeOf) : new Map();
  return notes.map((note) => ({ note, rect: note.nodes ? frameOf(note, rooms) : rectOf(note) }));
}

/** The smallest frame at a point, of those that may be looked at. */
export function frameAt(
  drawn: { note: Note; rect: Rect }[],
  point: Position,
  moving: ReadonlySet<string>,
): string | null {
  const found = drawn
    .filter(({ note, rect }) => note.nodes && !moving.has(note.id) && holds(rect, point))
    .sort(
      (left, right) => left.rect.width * left.rect.height - right.rect.width * right.rect.height,
    );
  return found[0]?.note.id ?? null;
}

/** What moves when notes do: the nodes that groups hold, and the notes that lie in their frames. */
export function movedWith(
  flow: FlowDocument,
  types: NodeTypes,
  ids: ReadonlySet<string>,
): { nodes: Set<string>; notes: Set<string> } {
  const drawn = drawnNotes(flow, types, placesOf(flow));
  const nodes = new Set<string>();
  const notes = new Set(ids);
  const frames = drawn.filter(({ note }) => note.nodes && ids.has(note.id));
  for (const frame of frames) {
    for (const { note, rect } of drawn) if (contains(frame.rect, rect)) notes.add(note.id);
  }
  for (const { note } of drawn) {
    if (notes.has(note.id))
      for (const id of note.nodes ?? []) if (findNode(flow, id)) nodes.add(id);
  }
  for (const id of standingInside(flow, nodes)) nodes.add(id);
  return { nodes, notes };
}

/** The flow with nodes in one group, or in none; a group that this empties is gone. */
export function withMembers(
  flow: FlowDocument,
  wanted: ReadonlyMap<string, string | null>,
): FlowDocument {
  const changes = new Map<string, Partial<Note>>();
  for (const { id, nodes } of notesOf(flow)) {
    if (!nodes) continue;
    const left = nodes.filter((node) => !wanted.has(node) || wanted.get(node) === id);
    const joined = [...wanted].filter(([node, to]) => to === id && !nodes.includes(node));
    if (left.length === nodes.length && joined.length === 0) continue;
    changes.set(id, { nodes: [...left, ...joined.map(([node]) => node)] });
  }
  return withNotes(flow, changes);
}

/** Draws a frame around nodes; they leave the groups that they were in. */
export function groupNodes(
  flow: FlowDocument,
  types: NodeTypes,
  ids: ReadonlySet<string>,
): AddedNote {
  const rooms = roomsOf(flow, types, placesOf(flow));
  const nodes = flow.nodes.filter((node) => ids.has(node.id)).map((node) => node.id);
  const frame = frameAround(nodes.flatMap((id) => rooms.get(id) ?? []));
  if (!frame) return { command: null, id: "" };
  const free = withMembers(flow, new Map(nodes.map((id) => [id, null])));
  const at: Position = [frame.x, frame.y];
  const size: Position = [frame.width, frame.height];
  const made = withNote(free, { text: "", title: "", at, size, color: "blue", nodes });
  if (!made) return { command: null, id: "" };
  return { command: command("group.add", flow, made[0]), id: made[1] };
}

/** Takes frames away from around their nodes. */
export function ungroup(flow: FlowDocument, ids: ReadonlySet<string>): Command | null {
  const groups = notesOf(flow).filter((note) => note.nodes && ids.has(note.id));
  return removeNotes(flow, new Set(groups.map((it) => it.id)), "group.remove");
}

/** The flow with the frames of some nodes' groups drawn anew around what they hold. */
export function fitFrames(
  flow: FlowDocument,
  types: NodeTypes,
  moved: ReadonlySet<string>,
): FlowDocument {
  const touched = notesOf(flow).filter((note) => note.nodes?.some((id) => moved.has(id)));
  if (touched.length === 0) return flow;
  const rooms = roomsOf(flow, types, placesOf(flow));
  const changes = new Map<string, Partial<Note>>();
  for (const { id, nodes } of touched) {
    const frame = frameAround((nodes ?? []).flatMap((node) => rooms.get(node) ?? []));
    if (frame) changes.set(id, { at: [frame.x, frame.y], size: [frame.width, frame.height] });
  }
  return withNotes(flow, changes);
}

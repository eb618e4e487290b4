/** Letting go of what was dragged: where it stands then, what takes it in, and what it leaves. */
import { boxAt, type Inside, placeInside, standingInside, withInsides } from "./box";
import { copyChosen, type Pasted, paste, readCopied } from "./clipboard";
import { type Command, type CommandId, command } from "./command";
import type { Chosen } from "./edit";
import { type FlowDocument, findNode, type Position } from "./flow";
import { drawnNotes, frameAt, movedWith, placesOf, withMembers } from "./group";
import { type Note, notesOf, withNotes } from "./note";
import { shownPositions, sizeOf } from "./place";
import type { NodeTypes } from "./port";
import { middle, type Rect } from "./rect";
import { detached, spliced } from "./splice";

export interface Drop {
  /** Where each dragged node is now. */
  nodes: Record<string, Position>;
  /** Where each dragged note and frame is now. */
  notes?: Record<string, Position>;
  /** The node that the hand holds, of several. */
  grabbed?: string;
  /** The edge that it is dropped on. */
  edge?: string | null;
  /** Whether what is dragged leaves its line. */
  detach?: boolean;
}

/** What takes a dragged node in. */
export interface Target {
  box: Inside;
  frame: string | null;
}

const centre = (flow: FlowDocument, types: NodeTypes, id: string, [x, y]: Position): Position => {
  const node = findNode(flow, id);
  return node ? middle({ x, y, ...sizeOf(node, types) }) : [x, y];
};

/** The box and the frame under a dragged node, as they were before anything moved. */
export function targetOf(
  flow: FlowDocument,
  types: NodeTypes,
  { nodes, notes = {} }: Drop,
  id: string,
): Target {
  const place = nodes[id];
  if (!place) return { box: null, frame: null };
  const point = centre(flow, types, id, place);
  const drawn = drawnNotes(flow, types, placesOf(flow));
  return {
    box: boxAt(flow, types, point, new Set(Object.keys(nodes))),
    frame: frameAt(drawn, point, new Set(Object.keys(notes))),
  };
}

/** Where everything is once notes, and what they take along, have been moved. */
export function carry(
  flow: FlowDocument,
  types: NodeTypes,
  drop: Drop,
): { nodes: Record<string, Position>; notes: Record<string, Position> } {
  const { nodes, notes = {} } = drop;
  const drawn = new Map(drawnNotes(flow, types, placesOf(flow)).map((it) => [it.note.id, it]));
  const shown = shownPositions(flow);
  const all = { nodes: { ...nodes }, notes: { ...notes } };
  for (const [id, [x, y]] of Object.entries(notes)) {
    const rect = drawn.get(id)?.rect;
    if (!rect) continue;
    const by: Position = [x - rect.x, y - rect.y];
    const along = movedWith(flow, types, new Set([id]));
    for (const node of along.nodes) {
      const place = shown.get(node);
      if (place) all.nodes[node] ??= [place[0] + by[0], place[1] + by[1]];
    }
    for (const note of along.notes) {
      const place = drawn.get(note)?.rect;
      if (place) all.notes[note] ??= [place.x + by[0], place.y + by[1]];
    }
  }
  return all;
}

/** Notes at their new places; a frame keeps the size that it was drawn in. */
function withPlaces(
  flow: FlowDocument,
  types: NodeTypes,
  places: Record<string, Position>,
): FlowDocument {
  const changes = new Map<string, Partial<Note>>();
  for (const { note, rect } of drawnNotes(flow, types, placesOf(flow))) {
    const at = places[note.id];
    if (at) changes.set(note.id, note.nodes ? { at, size: [rect.width, rect.height] } : { at });
  }
  return withNotes(flow, changes);
}

/** The box under the node that is held, for all that stood where it stood. */
function wantedBoxes(flow: FlowDocument, types: NodeTypes, drop: Drop): Map<string, Inside> {
  const held = findNode(flow, drop.grabbed ?? Object.keys(drop.nodes)[0] ?? "");
  // What is moved together with its loop stays in it.
  if (!held || !Object.hasOwn(drop.nodes, held.id)) return new Map();
  if (held.inside !== undefined && Object.hasOwn(drop.nodes, held.inside)) return new Map();
  const { box } = targetOf(flow, types, drop, held.id);
  const along = flow.nodes.filter(
    (node) => Object.hasOwn(drop.nodes, node.id) && node.inside === held.inside,
  );
  return new Map(along.map((node): [string, Inside] => [node.id, box]));
}

/** The group whose frame each dragged node is over. */
function wantedGroups(
  flow: FlowDocument,
  types: NodeTypes,
  { nodes, notes = {} }: Drop,
): Map<string, string | null> {
  const drawn = drawnNotes(flow, types, placesOf(flow));
  if (!drawn.some(({ note }) => note.nodes)) return new Map();
  const moving = new Set(Object.keys(notes));
  const carried = new Set(
    drawn.flatMap(({ note }) => (moving.has(note.id) ? (note.nodes ?? []) : [])),
  );
  return new Map(
    Object.entries(nodes)
      .filter(([id]) => !carried.has(id))
      .map(([id, place]) => [id, frameAt(drawn, centre(flow, types, id, place), moving)]),
  );
}

/** Whether an edge leads through a node that is let go of on it, once the box there has taken it in. */
export function standsOn(
  flow: FlowDocument,
  types: NodeTypes,
  id: string,
  place: Position,
  edge: string,
): boolean {
  const boxes = wantedBoxes(flow, types, { nodes: { [id]: place } });
  return spliced(placeInside(flow, types, boxes), types, id, edge) !== null;
}

/**
 * Lets go of what was dragged: what stands inside comes along, the box and the frame under it take
 * it in, and an edge that it was dropped on leads through it.
 */
export function dropAll(flow: FlowDocument, types: NodeTypes, drop: Drop): Command | null {
  const all = carry(flow, types, drop);
  const layout = { ...flow.layout };
  for (const [id, [x, y]] of Object.entries(withInsides(flow, all.nodes))) {
    layout[id] = [Math.round(x), Math.round(y)];
  }
  const ids = new Set(Object.keys(drop.nodes));
  const open = drop.detach ? detached(flow, types, ids) : flow;
  const placed: FlowDocument = { ...withPlaces(open, types, all.notes), layout };
  const grouped = withMembers(placed, wantedGroups(flow, types, drop));
  const boxed = placeInside(grouped, types, wantedBoxes(flow, types, drop));
  const held = drop.grabbed;
  const joined = drop.edge && held ? spliced(boxed, types, held, drop.edge) : null;
  const id: CommandId = joined ? "edge.insert" : open === flow ? "node.move" : "edge.detach";
  return command(id, flow, joined ?? boxed);
}

/** Where what is chosen stands, and where it would stand after a move. */
export function movedBy(
  flow: FlowDocument,
  types: NodeTypes,
  chosen: Pick<Chosen, "nodes" | "notes">,
  [dx, dy]: Position,
): Required<Pick<Drop, "nodes" | "notes">> {
  const shown = shownPositions(flow);
  const moved: Required<Pick<Drop, "nodes" | "notes">> = { nodes: {}, notes: {} };
  for (const id of chosen.nodes) {
    const place = shown.get(id);
    if (place) moved.nodes[id] = [place[0] + dx, place[1] + dy];
  }
  for (const { note, rect } of drawnNotes(flow, types, placesOf(flow))) {
    if (chosen.notes?.has(note.id)) moved.notes[note.id] = [rect.x + dx, rect.y + dy];
  }
  return moved;
}

/** Moves what is chosen a little: nothing takes it in on its way. Moves in a row are one step. */
export function nudge(
  flow: FlowDocument,
  types: NodeTypes,
  chosen: Pick<Chosen, "nodes" | "notes">,
  by: Position,
): Command | null {
  const all = carry(flow, types, movedBy(flow, types, chosen, by));
  const layout = { ...flow.layout };
  for (const [id, [x, y]] of Object.entries(withInsides(flow, all.nodes))) {
    layout[id] = [Math.round(x), Math.round(y)];
  }
  const mark = [...chosen.nodes, ...(chosen.notes ?? [])].join();
  const next = { ...withPlaces(flow, types, all.notes), layout };
  return command("node.move", flow, next, `nudge:${mark}`);
}

/** Everything that a drag takes along, each in the room that it would fill. */
export function roomsOfDrop(flow: FlowDocument, types: NodeTypes, drop: Drop): Rect[] {
  const all = carry(flow, types, drop);
  const nodes = Object.entries(withInsides(flow, all.nodes)).flatMap(([id, [x, y]]): Rect[] => {
    const node = findNode(flow, id);
    return node ? [{ x, y, ...sizeOf(node, types) }] : [];
  });
  const notes = drawnNotes(flow, types, placesOf(flow)).flatMap(({ note, rect }): Rect[] => {
    const at = all.notes[note.id];
    return at ? [{ ...rect, x: at[0], y: at[1] }] : [];
  });
  return [...notes, ...nodes];
}

/** Puts a copy of what was dragged where it was let go; what was dragged stays where it is. */
export function copyTo(flow: FlowDocument, types: NodeTypes, drop: Drop): Pasted {
  const held = new Set(Object.keys(drop.nodes));
  const nodes = new Set([...held, ...standingInside(flow, held)]);
  const notes = new Set(Object.keys(drop.notes ?? {}));
  const part = readCopied(copyChosen(flow, { nodes, edges: new Set(), notes }));
  const none: Pasted = { command: null, ids: [], notes: [], lost: [] };
  if (!part) return none;
  const copied = paste(flow, part, [0, 0], { types, connections: null }, "node.duplicate");
  const next = copied.command?.apply(flow);
  if (!next) return none;
  const names = new Map(part.nodes.map((node, index) => [node.id, copied.ids[index] ?? ""]));
  const written = new Map(notesOf(part).map((note, index) => [note.id, copied.notes[index] ?? ""]));
  // The copies stand where the others do, and are moved from there as these would have been.
  const shown = shownPositions(flow);
  const layout = { ...next.layout };
  for (const [id, name] of names) layout[name] = shown.get(id) ?? [0, 0];
  const at = new Map(notesOf(flow).map((note) => [written.get(note.id) ?? "", { at: note.at }]));
  const there = withNotes({ ...next, layout }, at);
  const renamed = (places: Record<string, Position>, ids: ReadonlyMap<string, string>) =>
    Object.fromEntries(Object.entries(places).map(([id, place]) => [ids.get(id) ?? id, place]));
  const moved = dropAll(there, types, {
    nodes: renamed(drop.nodes, names),
    notes: renamed(drop.notes ?? {}, written),
    ...(drop.grabbed !== undefined && { grabbed: names.get(drop.grabbed) ?? drop.grabbed }),
    ...(drop.edge && { edge: drop.edge }),
  });
  const after = moved?.apply(there) ?? there;
  return { ...copied, command: command("node.duplicate", flow, after) };
}

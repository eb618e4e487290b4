/** The flow as React Flow wants it: boxes and lines that stay the same objects while nothing changed. */
import { type Edge, type Node, type NodeHandle, Position as Side } from "@xyflow/react";
import type { NodeType, Port } from "~/api/contract.ts";
import { sameJson } from "~/api/json.ts";
import { edgeKey, type FlowDocument, type FlowNode, type Position, portOf } from "~/model/flow.ts";
import { drawnNotes, placesOf } from "~/model/group.ts";
import type { Note } from "~/model/note.ts";
import { entryOffset, listsPorts, portOffset, shownPositions, sizeOf } from "~/model/place.ts";
import { type NodeTypes, outputPorts } from "~/model/port.ts";
import type { Level } from "~/model/problem.ts";

/** From so many on, only what is in sight is drawn, and from afar only in outline. */
export const manyNodes = 300;

export interface BoxData extends Record<string, unknown> {
  /** The node as it looks; what it is set up to do may have changed since. */
  node: FlowNode;
  type: NodeType | undefined;
  ports: Port[];
  listed: boolean;
  /** The ports that an edge leaves from, joined by a comma. */
  joined: string;
  level: Level | undefined;
}
export type Box = Node<BoxData, "box">;

export interface PaperData extends Record<string, unknown> {
  note: Note;
}
/** A note, or the frame of a group. */
export type Paper = Node<PaperData, "note" | "frame">;
export type Shape = Box | Paper;

const mark = "note:";

/** Notes and nodes have one room of ids on the canvas; no node's id has a colon. */
export const shapeIdOf = (note: string): string => mark + note;
export const noteIdOf = (shape: string): string | null =>
  shape.startsWith(mark) ? shape.slice(mark.length) : null;
export const isPaper = (shape: Shape): shape is Paper => shape.type !== "box";

export interface LineData extends Record<string, unknown> {
  port: string;
}
export type Line = Edge<LineData, "line">;

export interface Selection {
  nodes: ReadonlySet<string>;
  edges: ReadonlySet<string>;
  notes?: ReadonlySet<string>;
}
export const nothing: Selection = { nodes: new Set(), edges: new Set() };

export interface Drawn {
  flow: FlowDocument;
  types: NodeTypes;
  levels: ReadonlyMap<string, Level>;
  selection: Selection;
  /** The one node that Tab stops at; all of them where left out. */
  at?: string | undefined;
}

/** React Flow describes its parts in English words, whatever language the page has. */
const unspoken = { "aria-roledescription": undefined };

/** The elements that say to a screen reader which node it is, and how it is doing. */
export const nameIdOf = (node: string): string => `name-of-${node} mark-of-${node}`;

export function drawShapes(drawn: Drawn, before: ReadonlyMap<string, Shape>): Shape[] {
  return [...drawPapers(drawn, before), ...drawBoxes(drawn, before)];
}

function drawBoxes(drawn: Drawn, before: ReadonlyMap<string, Shape>): Box[] {
  const { flow, types, levels, selection, at } = drawn;
  const places = shownPositions(flow);
  const joined = new Map<string, string[]>();
  for (const edge of flow.edges) {
    const ports = joined.get(edge.from);
    if (ports) ports.push(portOf(edge));
    else joined.set(edge.from, [portOf(edge)]);
  }
  return flow.nodes.map((node) => {
    const place = places.get(node.id) ?? [0, 0];
    const old = before.get(node.id);
    return drawBox(old && isPaper(old) ? undefined : old, {
      node,
      place,
      type: types.get(node.type),
      joined: (joined.get(node.id) ?? []).join(),
      level: levels.get(node.id),
      selected: selection.nodes.has(node.id),
      tabIndex: at === undefined || at === node.id ? 0 : -1,
      types,
    });
  });
}

interface Wanted {
  node: FlowNode;
  place: Position;
  type: NodeType | undefined;
  joined: string;
  level: Level | undefined;
  selected: boolean;
  tabIndex: 0 | -1;
  types: NodeTypes;
}

/** Whether a node is drawn as before: what it is set up to do is not seen, but for its ports. */
function looksSame(before: FlowNode, ports: Port[], node: FlowNode, type?: NodeType): boolean {
  return (
    before === node ||
    (before.type === node.type &&
      before.label === node.label &&
      before.note === node.note &&
      before.disabled === node.disabled &&
      before.inside === node.inside &&
      sameJson(ports, outputPorts(node, type)))
  );
}

/** Whether two documents are drawn alike: most of what is typed into a form is not seen. */
export function drawnAlike(before: FlowDocument, flow: FlowDocument, types: NodeTypes): boolean {
  return (
    standsAlike(before, flow) &&
    before.nodes.every((node, index) => {
      const now = flow.nodes[index];
      if (node === now || now === undefined) return node === now;
      const type = types.get(node.type);
      return looksSame(node, outputPorts(node, type), now, type);
    })
  );
}

/** Whether the same stands at the same places in two documents, whatever is said there. */
export function standsAlike(before: FlowDocument, flow: FlowDocument): boolean {
  if (before === flow) return true;
  return (
    before.edges === flow.edges &&
    before.layout === flow.layout &&
    before.notes === flow.notes &&
    before.nodes.length === flow.nodes.length &&
    before.nodes.every((node, index) => node.id === flow.nodes[index]?.id)
  );
}

function drawBox(old: Box | undefined, wanted: Wanted): Box {
  const { node, type, joined, level, selected } = wanted;
  const [x, y] = wanted.place;
  const same =
    old &&
    old.data.type === type &&
    looksSame(old.data.node, old.data.ports, node, type) &&
    old.data.joined === joined &&
    old.data.level === level;
  const placed = old?.position.x === x && old.position.y === y;
  const reached = old?.domAttributes?.tabIndex === wanted.tabIndex;
  if (same && placed && reached && old.selected === selected) return old;
  const domAttributes = {
    ...unspoken,
    tabIndex: wanted.tabIndex,
    "aria-labelledby": nameIdOf(node.id),
  };
  if (same) return { ...old, position: placed ? old.position : { x, y }, selected, domAttributes };
  const ports = outputPorts(node, type);
  const listed = listsPorts(ports);
  const size = sizeOf(node, wanted.types);
  return {
    ...old,
    id: node.id,
    type: "box",
    position: placed ? old.position : { x, y },
    ...size,
    measured: size,
    handles: handlesOf(ports, listed, size.width),
    selected,
    domAttributes,
    data: { node, type, ports, listed, joined, level },
  };
}

const handleSize = 12;

/**
 * Where the handles are. Known beforehand, so that a box out of sight is not drawn to be measured:
 * of a thousand boxes only those in sight are ever drawn.
 */
function handlesOf(ports: Port[], listed: boolean, width: number): NodeHandle[] {
  const square = { width: handleSize, height: handleSize };
  const half = handleSize / 2;
  const entry = { id: "in", type: "target", position: Side.Left } as const;
  return [
    { ...entry, ...square, x: -half, y: entryOffset - half },
    ...ports.map(
      ({ name }, index): NodeHandle => ({
        id: name,
        type: "source",
        position: Side.Right,
        ...square,
        x: width - half,
        y: portOffset(index, listed) - half,
      }),
    ),
  ];
}

const depth = { frame: -3, note: -2 } as const;

/** Frames and notes, frames first: they lie under everything. */
export function drawPapers(drawn: Drawn, before: ReadonlyMap<string, Shape>): Paper[] {
  const { flow, types, selection } = drawn;
  return drawnNotes(flow, types, placesOf(flow))
    .map(({ note, rect }): Paper => {
      const id = shapeIdOf(note.id);
      const old = before.get(id);
      const type = note.nodes ? "frame" : "note";
      const selected = selection.notes?.has(note.id) ?? false;
      const fresh: Paper = {
        id,
        type,
        position: { x: rect.x, y: rect.y },
        width: rect.width,
        height: rect.height,
        selected,
        // A frame is chosen by its head alone: else a box drawn inside it would choose it.
        selectable: type === "note",
        zIndex: depth[type],
        ariaLabel: note.title || note.text.slice(0, 80),
        domAttributes: unspoken,
        data: { note },
      };
      if (type === "frame") fresh.style = { pointerEvents: "none" };
      return old && isPaper(old) && samePaper(old, fresh) ? old : fresh;
    })
    .sort((left, right) => (left.zIndex ?? 0) - (right.zIndex ?? 0));
}

function samePaper(old: Paper, fresh: Paper): boolean {
  return (
    old.selected === fresh.selected &&
    old.position.x === fresh.position.x &&
    old.position.y === fresh.position.y &&
    old.width === fresh.width &&
    old.height === fresh.height &&
    sameJson(old.data.note, fresh.data.note)
  );
}

/** The element that says to a screen reader what an edge joins. */
export const nameIdOfLine = (line: string): string => `name-of-${encodeURIComponent(line)}`;

export function drawLines({ flow, selection }: Drawn, before: ReadonlyMap<string, Line>): Line[] {
  return flow.edges.map((edge) => {
    const id = edgeKey(edge);
    const selected = selection.edges.has(id);
    const old = before.get(id);
    if (old?.selected === selected) return old;
    const port = portOf(edge);
    return {
      id,
      type: "line",
      source: edge.from,
      target: edge.to,
      sourceHandle: port,
      targetHandle: "in",
      selected,
      // What it joins is said by what draws it: written here, each letter of a node's name would
      // have React Flow go through all edges.
      domAttributes: {
        ...unspoken,
        "aria-label": undefined,
        "aria-labelledby": nameIdOfLine(id),
      },
      data: { port },
    };
  });
}

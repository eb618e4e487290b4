/** Dragging nodes, notes and frames, or copies of them: what comes along, what takes them in, letting go. */
import { applyNodeChanges, type NodeChange } from "@xyflow/react";
import { type Dispatch, type SetStateAction, useRef } from "react";
import { standingInside, withInsides } from "~/model/box.ts";
import {
  carry,
  copyTo,
  type Drop,
  dropAll,
  roomsOfDrop,
  standsOn,
  targetOf,
} from "~/model/drop.ts";
import { edgeKey, type FlowDocument, findNode, type Position } from "~/model/flow.ts";
import { sizeOf } from "~/model/place.ts";
import type { NodeTypes } from "~/model/port.ts";
import { detached } from "~/model/splice.ts";
import { useStable } from "~/ui/stable.ts";
import type { CanvasProps } from "../Canvas.tsx";
import { type Curve, curvesOf, curveThrough } from "../curve.ts";
import { type HintStore, hintAt, nobody, noGesture } from "../hint.ts";
import { noteIdOf, type Shape } from "../shape.ts";

/** How far beside an edge a node is let go and still meant for it. */
const slack = 12;

type Places = Record<string, Position>;

/** Where dragged shapes are: nodes and notes apart. */
function placesIn(shapes: Shape[]): { nodes: Places; notes: Places } {
  const found = { nodes: {} as Places, notes: {} as Places };
  for (const { id, position } of shapes) {
    const note = noteIdOf(id);
    if (note === null) found.nodes[id] = [position.x, position.y];
    else found.notes[note] = [position.x, position.y];
  }
  return found;
}

/** While a loop or a frame is dragged, what it holds comes along. */
function movesAlong(
  flow: FlowDocument,
  types: NodeTypes,
  shapes: Shape[],
  changes: NodeChange<Shape>[],
): NodeChange<Shape>[] {
  const dragged: Shape[] = [];
  for (const change of changes) {
    if (change.type !== "position" || !change.position || !change.dragging) continue;
    const shape = shapes.find((it) => it.id === change.id);
    if (shape) dragged.push({ ...shape, position: change.position } as Shape);
  }
  const drop = placesIn(dragged);
  const loops = standingInside(flow, new Set(Object.keys(drop.nodes)));
  const frames = Object.keys(drop.notes).length > 0;
  if (dragged.length === 0 || (loops.size === 0 && !frames)) return [];
  const all = frames ? carry(flow, types, drop) : { nodes: drop.nodes, notes: {} };
  const nodes = withInsides(flow, all.nodes);
  const held = new Set(dragged.map((it) => it.id));
  return shapes.flatMap((shape): NodeChange<Shape>[] => {
    const note = noteIdOf(shape.id);
    const place = note === null ? nodes[shape.id] : all.notes[note];
    if (!place || held.has(shape.id)) return [];
    return [{ type: "position", id: shape.id, position: { x: place[0], y: place[1] } }];
  });
}

interface Grip {
  detach: boolean;
  /** Copies are dragged: what they are of stays where it is. */
  copy: boolean;
  /** Somebody thought better of it: nothing comes of this drag any more. */
  over: boolean;
  /** The flow as it would be without what is detached, and its edges' curves. */
  open: FlowDocument;
  curves: Curve[];
}

/** The edge under a dragged node on which it may stand. */
export function edgeUnder(
  grip: Pick<Grip, "open" | "curves">,
  types: NodeTypes,
  id: string,
  [x, y]: Position,
): string | null {
  const node = findNode(grip.open, id);
  if (!node) return null;
  const { width, height } = sizeOf(node, types);
  const heart = {
    x: x + width * 0.15,
    y: y - slack,
    width: width * 0.7,
    height: height + 2 * slack,
  };
  const others = grip.curves.filter(
    (it) => !it.id.startsWith(`${id}:`) && !it.id.endsWith(`>${id}`),
  );
  const edge = curveThrough(others, heart);
  return edge !== null && standsOn(grip.open, types, id, [x, y], edge) ? edge : null;
}

interface Modifiers {
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
}

export function useMoving(
  props: CanvasProps,
  hint: HintStore,
  setShapes: Dispatch<SetStateAction<Shape[]>>,
  redraw: () => void,
) {
  const { flow, types, onCommand, onSelect } = props;
  const grip = useRef<Grip | null>(null);

  const giveUp = useStable((event: KeyboardEvent) => {
    if (event.key !== "Escape" || !grip.current || grip.current.over) return;
    event.stopPropagation();
    grip.current.over = true;
    hint.setState(noGesture);
    redraw();
  });
  const start = (event: Modifiers, shapes: Shape[]) => {
    const ids = new Set(Object.keys(placesIn(shapes).nodes));
    const detach = event.altKey && ids.size > 0;
    const copy = !detach && (event.ctrlKey || event.metaKey);
    const open = detach ? detached(flow, types, ids) : flow;
    grip.current = { detach, copy, over: false, open, curves: curvesOf(open, types) };
    const gone = detach
      ? flow.edges.filter((edge) => ids.has(edge.from) !== ids.has(edge.to)).map(edgeKey)
      : [];
    hintAt(hint, {
      moving: copy ? nobody : ids,
      cut: gone.length > 0 ? new Set(gone) : nobody,
    });
    addEventListener("keydown", giveUp, true);
  };
  const dropOf = (shapes: Shape[], grabbed?: string): Drop => {
    const node = grabbed !== undefined && noteIdOf(grabbed) === null ? grabbed : undefined;
    return {
      ...placesIn(shapes),
      ...(node !== undefined && { grabbed: node }),
      detach: grip.current?.detach ?? false,
    };
  };
  const move = (shapes: Shape[], grabbed?: string) => {
    const held = grip.current;
    if (!held || held.over) return;
    const drop = dropOf(shapes, grabbed);
    if (held.copy) hint.setState({ ghosts: roomsOfDrop(flow, types, drop) });
    const first = drop.grabbed ?? Object.keys(drop.nodes)[0];
    const place = first === undefined ? undefined : drop.nodes[first];
    if (first === undefined || !place) return;
    const alone = Object.keys(drop.nodes).length === 1 && !held.copy;
    const edge = alone ? edgeUnder(held, types, first, place) : null;
    hintAt(hint, { ...targetOf(flow, types, drop, first), edge });
  };
  const settle = (shapes: Shape[], grabbed?: string) => {
    removeEventListener("keydown", giveUp, true);
    const held = grip.current;
    const { edge } = hint.getState();
    const drop = { ...dropOf(shapes, grabbed), edge };
    grip.current = null;
    hint.setState(noGesture);
    if (!held || held.over) return;
    if (!held.copy) return onCommand?.(dropAll(flow, types, drop));
    const { command, ids, notes } = copyTo(flow, types, drop);
    onCommand?.(command);
    onSelect({ nodes: new Set(ids), edges: new Set(), notes: new Set(notes) });
  };

  return {
    follow: (changes: NodeChange<Shape>[]) => {
      const held = grip.current;
      // A copy leaves what it is of in its place, and so does a drag that somebody gave up.
      const stays = held !== null && (held.copy || held.over);
      const own = stays ? changes.filter((it) => it.type !== "position") : changes;
      setShapes((now) => applyNodeChanges([...own, ...movesAlong(flow, types, now, own)], now));
    },
    onNodeDragStart: useStable((event: Modifiers, _: Shape, shapes: Shape[]) =>
      start(event, shapes),
    ),
    onNodeDrag: useStable((_: unknown, grabbed: Shape, shapes: Shape[]) =>
      move(shapes, grabbed.id),
    ),
    onNodeDragStop: useStable((_: unknown, grabbed: Shape, shapes: Shape[]) =>
      settle(shapes, grabbed.id),
    ),
    onSelectionDragStart: useStable((event: Modifiers, shapes: Shape[]) => start(event, shapes)),
    onSelectionDrag: useStable((_: unknown, shapes: Shape[]) => move(shapes)),
    onSelectionDragStop: useStable((_: unknown, shapes: Shape[]) => settle(shapes)),
  };
}

/** Lining nodes up, and spacing them evenly. What stands inside a loop goes with it. */
import { withInsides } from "./box";
import { type Command, command } from "./command";
import type { FlowDocument, Position } from "./flow";
import { fitFrames } from "./group";
import { shownPositions, sizeOf } from "./place";
import type { NodeTypes } from "./port";
import { loopsAround } from "./reach";
import { around, type Rect } from "./rect";

export type Alignment = "left" | "centre" | "right" | "top" | "middle" | "bottom";
export type Direction = "across" | "down";

interface Thing extends Rect {
  id: string;
}

function thingsOf(flow: FlowDocument, types: NodeTypes, ids: ReadonlySet<string>): Thing[] {
  const shown = shownPositions(flow);
  return flow.nodes
    .filter((node) => ids.has(node.id))
    .filter((node) => !loopsAround(flow, node.id).some((loop) => ids.has(loop.id)))
    .map((node) => {
      const [x, y] = shown.get(node.id) ?? [0, 0];
      return { id: node.id, x, y, ...sizeOf(node, types) };
    });
}

function placed(
  flow: FlowDocument,
  types: NodeTypes,
  places: Record<string, Position>,
): Command | null {
  const layout = { ...flow.layout };
  const all = withInsides(flow, places);
  for (const [id, [x, y]] of Object.entries(all)) layout[id] = [Math.round(x), Math.round(y)];
  const next = fitFrames({ ...flow, layout }, types, new Set(Object.keys(all)));
  return command("node.align", flow, next);
}

function aligned(thing: Thing, room: Rect, how: Alignment): Position {
  const { x, y, width, height } = thing;
  switch (how) {
    case "left":
      return [room.x, y];
    case "centre":
      return [room.x + (room.width - width) / 2, y];
    case "right":
      return [room.x + room.width - width, y];
    case "top":
      return [x, room.y];
    case "middle":
      return [x, room.y + (room.height - height) / 2];
    default:
      return [x, room.y + room.height - height];
  }
}

export function align(
  flow: FlowDocument,
  types: NodeTypes,
  ids: ReadonlySet<string>,
  how: Alignment,
): Command | null {
  const things = thingsOf(flow, types, ids);
  const room = around(things);
  if (!room || things.length < 2) return null;
  const places = things.map((thing): [string, Position] => [thing.id, aligned(thing, room, how)]);
  return placed(flow, types, Object.fromEntries(places));
}

/** Spaces nodes evenly between the two outermost; ones that do not fit there are put side by side. */
export function distribute(
  flow: FlowDocument,
  types: NodeTypes,
  ids: ReadonlySet<string>,
  direction: Direction,
): Command | null {
  const [at, extent] =
    direction === "across" ? (["x", "width"] as const) : (["y", "height"] as const);
  const things = thingsOf(flow, types, ids).sort((left, right) => left[at] - right[at]);
  const room = around(things);
  if (!room || things.length < 3) return null;
  const taken = things.reduce((sum, thing) => sum + thing[extent], 0);
  const gap = Math.max((room[extent] - taken) / (things.length - 1), 0);
  const places: Record<string, Position> = {};
  let next = room[at];
  for (const thing of things) {
    places[thing.id] = direction === "across" ? [next, thing.y] : [thing.x, next];
    next += thing[extent] + gap;
  }
  return placed(flow, types, places);
}

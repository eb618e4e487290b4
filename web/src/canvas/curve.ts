/** Where edges run, as points along their curves: for what is dragged onto them or through them. */
import { edgeKey, type FlowDocument, type Position, portOf } from "~/model/flow.ts";
import { entryOffset, listsPorts, nodeWidth, portOffset, shownPositions } from "~/model/place.ts";
import { type NodeTypes, outputPorts } from "~/model/port.ts";
import { around, holds, middle, type Rect } from "~/model/rect.ts";

export const curvature = 0.32;
const parts = 16;

export interface Curve {
  id: string;
  points: Position[];
  room: Rect;
}

/** How far a curve's handle reaches out of an end, as React Flow draws it. */
export function reach(distance: number): number {
  return distance >= 0 ? distance / 2 : curvature * 25 * Math.sqrt(-distance);
}

function curveBetween(id: string, [x1, y1]: Position, [x2, y2]: Position): Curve {
  const by = reach(x2 - x1);
  const points = Array.from({ length: parts + 1 }, (_, index): Position => {
    const t = index / parts;
    const [a, b, c, d] = [(1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t ** 2, t ** 3];
    return [a * x1 + b * (x1 + by) + c * (x2 - by) + d * x2, (a + b) * y1 + (c + d) * y2];
  });
  const room = around(points.map(([x, y]) => ({ x, y, width: 0, height: 0 })));
  return { id, points, room: room ?? { x: x1, y: y1, width: 0, height: 0 } };
}

export function curvesOf(flow: FlowDocument, types: NodeTypes): Curve[] {
  const shown = shownPositions(flow);
  const ports = new Map(
    flow.nodes.map((node) => [node.id, outputPorts(node, types.get(node.type))]),
  );
  return flow.edges.flatMap((edge): Curve[] => {
    const [from, to, own] = [shown.get(edge.from), shown.get(edge.to), ports.get(edge.from)];
    if (!from || !to || !own) return [];
    const index = Math.max(
      own.findIndex((port) => port.name === portOf(edge)),
      0,
    );
    const exit: Position = [from[0] + nodeWidth, from[1] + portOffset(index, listsPorts(own))];
    return [curveBetween(edgeKey(edge), exit, [to[0], to[1] + entryOffset])];
  });
}

const far = (point: Position, other: Position): number =>
  Math.hypot(point[0] - other[0], point[1] - other[1]);

/** The curve that runs through a rectangle, nearest to its middle; null where none does. */
export function curveThrough(curves: Curve[], rect: Rect): string | null {
  const centre = middle(rect);
  let best: { id: string; distance: number } | null = null;
  for (const { id, points, room } of curves) {
    const apart =
      room.x > rect.x + rect.width ||
      room.y > rect.y + rect.height ||
      room.x + room.width < rect.x ||
      room.y + room.height < rect.y;
    if (apart) continue;
    for (const point of points) {
      const distance = far(point, centre);
      if (holds(rect, point) && (!best || distance < best.distance)) best = { id, distance };
    }
  }
  return best?.id ?? null;
}

const side = ([ax, ay]: Position, [bx, by]: Position, [cx, cy]: Position): number =>
  Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));

const cross = (a: Position, b: Position, c: Position, d: Position): boolean =>
  side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b);

/** The curves that a straight cut goes through. */
export function curvesCut(curves: Curve[], from: Position, to: Position): string[] {
  const cut = around([from, to].map(([x, y]) => ({ x, y, width: 0, height: 0 })));
  if (!cut) return [];
  return curves
    .filter(({ room, points }) => {
      const apart =
        room.x > cut.x + cut.width ||
        room.y > cut.y + cut.height ||
        room.x + room.width < cut.x ||
        room.y + room.height < cut.y;
      return (
        !apart &&
        points.some((point, at) => {
          const next = points[at + 1];
          return next !== undefined && cross(from, to, point, next);
        })
      );
    })
    .map((curve) => curve.id);
}

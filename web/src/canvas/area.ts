/** Stretches of the canvas: what a flow covers, and what of it is seen. */
import type { ReactFlowState } from "@xyflow/react";
import type { Shape } from "./shape.ts";

export interface Area {
  x: number;
  y: number;
  right: number;
  bottom: number;
}

export function areaOf(shapes: Shape[]): Area {
  const area = { x: Infinity, y: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { position, width = 0, height = 0 } of shapes) {
    area.x = Math.min(area.x, position.x);
    area.y = Math.min(area.y, position.y);
    area.right = Math.max(area.right, position.x + width);
    area.bottom = Math.max(area.bottom, position.y + height);
  }
  return area;
}

/** The part of the flow that the window shows. */
export function seenIn({ transform: [x, y, zoom], width, height }: ReactFlowState): Area {
  return { x: -x / zoom, y: -y / zoom, right: (width - x) / zoom, bottom: (height - y) / zoom };
}

export function widened({ x, y, right, bottom }: Area, wide: number, high = wide): Area {
  return { x: x - wide, y: y - high, right: right + wide, bottom: bottom + high };
}

/** What two areas have in common; nothing at a point where they are apart. */
export function shared(one: Area, other: Area): Area {
  const x = Math.max(one.x, other.x);
  const y = Math.max(one.y, other.y);
  const right = Math.max(x, Math.min(one.right, other.right));
  return { x, y, right, bottom: Math.max(y, Math.min(one.bottom, other.bottom)) };
}

export const holds = (outer: Area, inner: Area): boolean =>
  inner.right === inner.x ||
  inner.bottom === inner.y ||
  (inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.right <= outer.right &&
    inner.bottom <= outer.bottom);

/** Rectangles on the canvas. */
import type { Position } from "./flow";

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const holds = (rect: Rect, [x, y]: Position): boolean =>
  x >= rect.x && x <= rect.x + rect.width && y >= rect.y && y <= rect.y + rect.height;

export const contains = (outer: Rect, inner: Rect): boolean =>
  holds(outer, [inner.x, inner.y]) && holds(outer, [inner.x + inner.width, inner.y + inner.height]);

export const middle = (rect: Rect): Position => [rect.x + rect.width / 2, rect.y + rect.height / 2];

/** The smallest rectangle around some others; null around none. */
export function around(rects: Rect[]): Rect | null {
  if (rects.length === 0) return null;
  const x = Math.min(...rects.map((it) => it.x));
  const y = Math.min(...rects.map((it) => it.y));
  const right = Math.max(...rects.map((it) => it.x + it.width));
  const bottom = Math.max(...rects.map((it) => it.y + it.height));
  return { x, y, width: right - x, height: bottom - y };
}

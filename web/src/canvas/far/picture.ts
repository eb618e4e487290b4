/** The picture of a flow from afar: nodes and edges of one colour are one path each. */
import type { Position } from "~/model/flow.ts";
import type { NodeState } from "~/runs/state.ts";
import type { Area } from "../area.ts";
import { reach } from "../curve.ts";
import { type Box, isPaper, type Line, type Shape } from "../shape.ts";

const inks = {
  plain: "--tramo-line-strong",
  pale: "--tramo-line",
  edge: "--tramo-edge",
  chosen: "--tramo-accent",
  control: "--tramo-control",
  ok: "--tramo-ok",
  busy: "--tramo-busy",
  ask: "--tramo-ask",
  bad: "--tramo-bad",
} as const;
export type Ink = keyof typeof inks;
export type Inks = Record<Ink, string>;

export function inksOf(element: Element): Inks {
  const style = getComputedStyle(element);
  const named = Object.entries(inks).map(([ink, name]) => [ink, style.getPropertyValue(name)]);
  return Object.fromEntries(named) as Inks;
}

/** What decides the colours beside the shapes themselves. */
export interface Look {
  /** How a node's step is doing; null where no run is shown. */
  stateOf: ((node: string) => NodeState | undefined) | null;
  /** The edge that what is dragged would be put on, and those that would go. */
  open: string | null;
  cut: ReadonlySet<string>;
}

const stateInks: Partial<Record<NodeState["state"], Ink>> = {
  succeeded: "ok",
  running: "busy",
  waiting: "busy",
  asking: "ask",
  failed: "bad",
};

export function boxInk({ id, selected, data }: Box, { stateOf }: Look): Ink {
  if (selected) return "chosen";
  if (stateOf) {
    const state = stateOf(id)?.state;
    return (state && stateInks[state]) ?? "pale";
  }
  if (data.level) return data.level === "error" ? "bad" : "ask";
  if (data.type?.kind === "trigger") return "chosen";
  return data.type?.kind === "control" ? "control" : "plain";
}

export function lineInk({ id, source, selected, data }: Line, look: Look): Ink {
  if (look.cut.has(id)) return "bad";
  if (selected || look.open === id) return "chosen";
  const port = data?.port ?? "out";
  if (look.stateOf) return (look.stateOf(source)?.ports[port] ?? 0) > 0 ? "ok" : "pale";
  return port === "error" ? "bad" : "edge";
}

export interface Picture {
  boxes: Map<Ink, Path2D>;
  lines: Map<Ink, Path2D>;
}

const corner = 12;

function pathOf(paths: Map<Ink, Path2D>, ink: Ink): Path2D {
  const known = paths.get(ink);
  if (known) return known;
  const made = new Path2D();
  paths.set(ink, made);
  return made;
}

/** Where an edge leaves or enters a box. */
function endOf(box: Box, handle: string, side: "left" | "right"): Position {
  const found = box.handles?.find((it) => it.id === handle) ?? box.handles?.at(-1);
  const y = found ? found.y + (found.height ?? 0) / 2 : (box.height ?? 0) / 2;
  return [box.position.x + (side === "right" ? (box.width ?? 0) : 0), box.position.y + y];
}

export function pictureOf(shapes: Shape[], lines: Line[], look: Look): Picture {
  const picture: Picture = { boxes: new Map(), lines: new Map() };
  const byId = new Map<string, Box>();
  for (const shape of shapes) {
    if (isPaper(shape)) continue;
    byId.set(shape.id, shape);
    const { position, width = 0, height = 0 } = shape;
    const path = pathOf(picture.boxes, boxInk(shape, look));
    path.roundRect(position.x, position.y, width, height, corner);
  }
  for (const line of lines) {
    const [from, to] = [byId.get(line.source), byId.get(line.target)];
    if (!from || !to) continue;
    const [x1, y1] = endOf(from, line.sourceHandle ?? "out", "right");
    const [x2, y2] = endOf(to, "in", "left");
    const by = reach(x2 - x1);
    const path = pathOf(picture.lines, lineInk(line, look));
    path.moveTo(x1, y1);
    path.bezierCurveTo(x1 + by, y1, x2 - by, y2, x2, y2);
  }
  return picture;
}

const stroke = 1.8;
/** Thinner lines than so many pixels fade away. */
const finest_px = 0.5;

/** Paints an area at a zoom, one pixel of the picture to one of the screen. */
export function paint(
  element: HTMLCanvasElement,
  picture: Picture,
  { area, zoom, colours }: { area: Area; zoom: number; colours: Inks },
): void {
  const sharp = devicePixelRatio || 1;
  const width = Math.max(1, Math.ceil((area.right - area.x) * zoom));
  const height = Math.max(1, Math.ceil((area.bottom - area.y) * zoom));
  element.width = width * sharp;
  element.height = height * sharp;
  element.style.width = `${width}px`;
  element.style.height = `${height}px`;
  element.style.transform = `translate(${area.x}px, ${area.y}px) scale(${1 / zoom})`;
  const pen = element.getContext("2d");
  if (!pen) return;
  const scale = zoom * sharp;
  pen.setTransform(scale, 0, 0, scale, -area.x * scale, -area.y * scale);
  pen.lineWidth = Math.max(stroke, finest_px / zoom);
  for (const [ink, path] of picture.lines) {
    pen.strokeStyle = colours[ink];
    pen.stroke(path);
  }
  for (const [ink, path] of picture.boxes) {
    pen.fillStyle = colours[ink];
    pen.fill(path);
  }
}

/** The whole flow in small, painted on one canvas: a thousand boxes cost a fraction of a frame. */
import { useLingui } from "@lingui/react/macro";
import { useComputedColorScheme } from "@mantine/core";
import { Panel, useReactFlow, useStoreApi } from "@xyflow/react";
import { type PointerEvent, type RefObject, useEffect, useMemo, useRef } from "react";
import { type Area, areaOf, seenIn } from "./area.ts";
import classes from "./canvas.module.css";
import { isPaper, type Shape } from "./shape.ts";

const width = 200;
const height = 150;
const margin = 6;

interface Scale {
  by: number;
  x: number;
  y: number;
}

interface FlowMapProps {
  boxes: Shape[];
  /** Whether what is seen was chosen by the person. */
  moved: RefObject<boolean>;
}

export function FlowMap({ boxes, moved }: FlowMapProps) {
  const { t } = useLingui();
  const canvas = useRef<HTMLCanvasElement>(null);
  const scale = useRef<Scale>({ by: 1, x: 0, y: 0 });
  const store = useStoreApi();
  const reactFlow = useReactFlow();
  const scheme = useComputedColorScheme();
  const whole = useMemo(() => areaOf(boxes), [boxes]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the scheme changes the colours that are read.
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const colours = coloursOf(element);
    const painted = createPicture(boxes, colours);
    let frame = 0;
    const draw = () => {
      frame = 0;
      const seen = seenIn(store.getState());
      scale.current = scaleOf(whole, seen);
      paint(element, painted(scale.current), scale.current, seen, colours);
    };
    const plan = () => {
      if (frame === 0) frame = requestAnimationFrame(draw);
    };
    plan();
    const stop = store.subscribe(plan);
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [store, boxes, whole, scheme]);

  const go = (event: PointerEvent<HTMLCanvasElement>) => {
    if (event.buttons === 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const { by, x, y } = scale.current;
    moved.current = true;
    void reactFlow.setCenter((event.clientX - left) / by + x, (event.clientY - top) / by + y, {
      zoom: reactFlow.getZoom(),
    });
  };
  return (
    <Panel position="bottom-right" className={classes.map}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={t`Map of the flow`}
        style={{ width, height, display: "block", touchAction: "none" }}
        onPointerDown={go}
        onPointerMove={go}
        onWheel={(event) => {
          moved.current = true;
          void reactFlow.zoomTo(reactFlow.getZoom() * 2 ** (-event.deltaY * 0.002));
        }}
      />
    </Panel>
  );
}

interface Colours {
  ground: string;
  box: string;
  paper: string;
  chosen: string;
}

function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const named = (name: string) => style.getPropertyValue(name);
  return {
    ground: named("--tramo-ground"),
    box: named("--tramo-line-strong"),
    paper: named("--tramo-ask"),
    chosen: named("--tramo-accent"),
  };
}

/** What brings the whole flow, and what is seen, onto the map. */
function scaleOf(whole: Area, seen: Area): Scale {
  const left = Math.min(whole.x, seen.x);
  const top = Math.min(whole.y, seen.y);
  const right = Math.max(whole.right, seen.right);
  const bottom = Math.max(whole.bottom, seen.bottom);
  const by = Math.min(
    (width - 2 * margin) / (right - left),
    (height - 2 * margin) / (bottom - top),
  );
  const x = left - (width / by - (right - left)) / 2;
  const y = top - (height / by - (bottom - top)) / 2;
  return { by, x, y };
}

function penOf(element: HTMLCanvasElement): CanvasRenderingContext2D | null {
  const sharp = devicePixelRatio || 1;
  if (element.width !== width * sharp) {
    element.width = width * sharp;
    element.height = height * sharp;
  }
  const pen = element.getContext("2d");
  pen?.setTransform(sharp, 0, 0, sharp, 0, 0);
  pen?.clearRect(0, 0, width, height);
  return pen;
}

const place = (pen: CanvasRenderingContext2D, { by, x, y }: Scale) => {
  pen.scale(by, by);
  pen.translate(-x, -y);
};

/** The boxes as they are at a scale, painted once for all frames in which that stays. */
function createPicture(boxes: Shape[], colours: Colours): (scale: Scale) => HTMLCanvasElement {
  const picture = document.createElement("canvas");
  let last: Scale | null = null;
  return (scale) => {
    if (last?.by === scale.by && last.x === scale.x && last.y === scale.y) return picture;
    last = scale;
    const pen = penOf(picture);
    if (!pen) return picture;
    place(pen, scale);
    for (const box of boxes) {
      pen.globalAlpha = isPaper(box) ? 0.35 : 1;
      pen.fillStyle = box.selected ? colours.chosen : isPaper(box) ? colours.paper : colours.box;
      pen.fillRect(box.position.x, box.position.y, box.width ?? 0, box.height ?? 0);
    }
    return picture;
  };
}

/** Paints the boxes, and a veil over what is out of sight. */
function paint(
  element: HTMLCanvasElement,
  picture: HTMLCanvasElement,
  scale: Scale,
  seen: Area,
  colours: Colours,
): void {
  const pen = penOf(element);
  if (!pen) return;
  pen.drawImage(picture, 0, 0, width, height);
  place(pen, scale);
  pen.globalAlpha = 0.7;
  pen.fillStyle = colours.ground;
  pen.beginPath();
  pen.rect(scale.x, scale.y, width / scale.by, height / scale.by);
  pen.rect(seen.x, seen.y, seen.right - seen.x, seen.bottom - seen.y);
  pen.fill("evenodd");
  pen.globalAlpha = 1;
}

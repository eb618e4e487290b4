/** The picture of a large flow from afar. It moves with the canvas, and is painted anew where it must. */
import { useLingui } from "@lingui/react/macro";
import { useComputedColorScheme } from "@mantine/core";
import { type ReactFlowState, useStoreApi, ViewportPortal } from "@xyflow/react";
import { useLayoutEffect, useRef } from "react";
import { useRunState } from "~/runs/state.ts";
import { areaOf, holds, seenIn, shared, widened } from "../area.ts";
import classes from "../canvas.module.css";
import { type HintStore, useHintStore } from "../hint.ts";
import type { Line, Shape } from "../shape.ts";
import { inksOf, type Look, type Picture, paint, pictureOf } from "./picture.ts";

/** So many pixels more than what is seen are painted on each side: one pulls that far in a while. */
const beyond_px = 360;
/** So far edges reach out of what their nodes cover. */
const slack = 200;
/** Painted anew while zooming once it is so much larger or smaller than it was painted. */
const blurred = 1.3;
const rest_ms = 120;

interface FarLayerProps {
  shapes: Shape[];
  lines: Line[];
  runId: string | null;
}

export function FarLayer({ shapes, lines, runId }: FarLayerProps) {
  const { t } = useLingui();
  const canvas = useRef<HTMLCanvasElement>(null);
  const store = useStoreApi();
  const hint = useHintStore();
  const scheme = useComputedColorScheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the scheme changes the colours that are read.
  useLayoutEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const colours = inksOf(element);
    const whole = widened(areaOf(shapes), slack);
    let picture: Picture | null = null;
    let painted = { area: whole, zoom: 0 };
    let frame = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      frame = 0;
      const state = store.getState();
      picture ??= pictureOf(shapes, lines, lookOf(hint, runId));
      const zoom = state.transform[2];
      painted = { area: shared(widened(seenIn(state), beyond_px / zoom), whole), zoom };
      paint(element, picture, { ...painted, colours });
    };
    const plan = () => {
      if (frame === 0) frame = requestAnimationFrame(draw);
    };
    const renew = () => {
      picture = null;
      plan();
    };
    const look = (state: ReactFlowState, before: ReactFlowState) => {
      if (state.transform === before.transform && state.width === before.width) return;
      const by = state.transform[2] / painted.zoom;
      const missing = !holds(painted.area, shared(seenIn(state), whole));
      if (missing || by > blurred || by < 1 / blurred) return plan();
      clearTimeout(timer);
      if (by !== 1) timer = setTimeout(plan, rest_ms);
    };
    draw();
    const stops = [
      store.subscribe(look),
      hint.subscribe((now, before) => {
        if (now.cut !== before.cut || now.edge !== before.edge) renew();
      }),
      useRunState.subscribe((now, before) => {
        if (runId !== null && now.steps[runId] !== before.steps[runId]) renew();
      }),
    ];
    return () => {
      for (const stop of stops) stop();
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [shapes, lines, runId, store, hint, scheme]);
  return (
    <ViewportPortal>
      <canvas
        ref={canvas}
        className={classes.picture}
        role="img"
        aria-label={t`The flow from afar`}
      />
    </ViewportPortal>
  );
}

function lookOf(hint: HintStore, runId: string | null): Look {
  const { edge, cut } = hint.getState();
  const steps = runId === null ? null : (useRunState.getState().steps[runId] ?? {});
  return { open: edge, cut, stateOf: steps && ((node) => steps[node]) };
}

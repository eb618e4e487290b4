/** The edge between a data pane and the form: dragged, or moved with the arrow keys. */
import { useLingui } from "@lingui/react/macro";
import type { KeyboardEvent, PointerEvent } from "react";
import classes from "./pane.module.css";
import { PANE_MAX, PANE_MIN, type PaneSide, setPane } from "./pane.ts";

const stepPx = 24;

export function PaneEdge({ side, width }: { side: PaneSide; width: number }) {
  const { t } = useLingui();
  const way = side === "input" ? 1 : -1;
  const press = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -stepPx, ArrowRight: stepPx }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    setPane(side, { width: width + way * step });
  };
  const grab = (event: PointerEvent<HTMLDivElement>) => {
    const edge = event.currentTarget;
    const start = event.clientX;
    edge.setPointerCapture(event.pointerId);
    const move = (moved: globalThis.PointerEvent) =>
      setPane(side, { width: width + way * (moved.clientX - start) });
    const end = () => {
      edge.removeEventListener("pointermove", move);
      edge.removeEventListener("pointerup", end);
      edge.removeEventListener("pointercancel", end);
    };
    edge.addEventListener("pointermove", move);
    edge.addEventListener("pointerup", end);
    edge.addEventListener("pointercancel", end);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that moves is no rule between texts.
    <div
      className={classes.edge}
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={side === "input" ? t`Width of the input` : t`Width of the output`}
      aria-valuenow={width}
      aria-valuemin={PANE_MIN}
      aria-valuemax={PANE_MAX}
      onKeyDown={press}
      onPointerDown={grab}
    />
  );
}

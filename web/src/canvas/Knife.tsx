/** The way of a cut while it is drawn. */
import { ViewportPortal } from "@xyflow/react";
import classes from "./canvas.module.css";
import { useHint } from "./hint.ts";

export function Knife() {
  const way = useHint((hint) => hint.knife);
  if (way.length < 2) return null;
  return (
    <ViewportPortal>
      <svg className={classes.knife} aria-hidden="true">
        <polyline points={way.map(([x, y]) => `${x},${y}`).join(" ")} />
      </svg>
    </ViewportPortal>
  );
}

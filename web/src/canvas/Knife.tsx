/** What a gesture draws on the canvas: the way of a cut, and where what is carried would stand. */
import { ViewportPortal } from "@xyflow/react";
import classes from "./canvas.module.css";
import { useHint } from "./hint.ts";

export function Ghosts() {
  const ghosts = useHint((hint) => hint.ghosts);
  if (ghosts.length === 0) return null;
  return (
    <ViewportPortal>
      <svg className={classes.ghosts} aria-hidden="true" data-testid="ghosts">
        <path
          d={ghosts.map((it) => `M${it.x} ${it.y}h${it.width}v${it.height}h${-it.width}z`).join("")}
        />
      </svg>
    </ViewportPortal>
  );
}

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

/** The dots under a flow. They move with it as they are, and are painted anew only by the zoom. */
import { useStoreApi } from "@xyflow/react";
import { useId, useLayoutEffect, useRef } from "react";
import classes from "./canvas.module.css";

const gap = 24;
const radius = 0.8;

/** How far a place lies behind the last dot before it. */
const beyond = (place: number, step: number): number => ((place % step) + step) % step;

export function Dots() {
  const id = useId();
  const layer = useRef<HTMLDivElement>(null);
  const pattern = useRef<SVGPatternElement>(null);
  const dot = useRef<SVGCircleElement>(null);
  const store = useStoreApi();
  useLayoutEffect(() => {
    let painted = 0;
    const follow = () => {
      const [x, y, zoom] = store.getState().transform;
      const step = gap * zoom;
      if (zoom !== painted) {
        for (const side of ["width", "height"]) pattern.current?.setAttribute(side, `${step}`);
        for (const part of ["cx", "cy", "r"]) dot.current?.setAttribute(part, `${radius * zoom}`);
        painted = zoom;
      }
      const [left, top] = [x, y].map((at) => beyond(at - step / 2, step) - step);
      if (layer.current) layer.current.style.transform = `translate(${left}px, ${top}px)`;
    };
    follow();
    return store.subscribe(follow);
  }, [store]);
  return (
    <div ref={layer} className={classes.dots}>
      <svg aria-hidden="true" width="100%" height="100%">
        <pattern ref={pattern} id={id} patternUnits="userSpaceOnUse">
          <circle ref={dot} fill="var(--tramo-dots)" />
        </pattern>
        <rect width="100%" height="100%" fill={`url(#${id})`} />
      </svg>
    </div>
  );
}

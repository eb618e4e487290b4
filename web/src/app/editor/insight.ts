import { type RefObject, useEffect, useRef } from "react";
import type { CanvasView } from "~/canvas/view.ts";

/** So long after the room last changed: a pane that is pulled does not pull the canvas along. */
const rest_ms = 80;

/**
 * Keeps the open node in sight: its panel takes room from the canvas, and so does the data that
 * comes beside it with a run. Gives what to put on the canvas's place.
 */
export function useInSight(view: RefObject<CanvasView | null>, opened: string | null) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const room = place.current;
    if (opened === null || !room) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(timer);
      timer = setTimeout(() => view.current?.reveal(opened), rest_ms);
    };
    look();
    const watcher = new ResizeObserver(look);
    watcher.observe(room);
    return () => {
      clearTimeout(timer);
      watcher.disconnect();
    };
  }, [view, opened]);
  return place;
}

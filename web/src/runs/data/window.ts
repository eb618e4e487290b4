/** Draws only the rows in sight of a long list whose rows are all of one height. */
import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";

const spare = 10;
const usualHeight = 440;

export interface Window {
  box: RefObject<HTMLDivElement | null>;
  onScroll: () => void;
  first: number;
  last: number;
  /** The room that the rows before and after take, in pixels. */
  before: number;
  after: number;
  /** Brings a row into sight. */
  show: (row: number) => void;
}

export function useWindow(rows: number, rowHeight: number, head = 0): Window {
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: usualHeight });
  const look = useCallback(() => {
    const found = box.current;
    if (!found) return;
    const { scrollTop: top, clientHeight } = found;
    const height = clientHeight || usualHeight;
    setSeen((before) =>
      before.top === top && before.height === height ? before : { top, height },
    );
  }, []);
  useLayoutEffect(() => {
    look();
    const found = box.current;
    if (!found) return;
    const observer = new ResizeObserver(look);
    observer.observe(found);
    return () => observer.disconnect();
  }, [look]);
  const show = useCallback(
    (row: number) => {
      const found = box.current;
      if (!found) return;
      const top = row * rowHeight;
      const height = (found.clientHeight || usualHeight) - head;
      if (top < found.scrollTop) found.scrollTop = top;
      else if (top + rowHeight > found.scrollTop + height) {
        found.scrollTop = top + rowHeight - height;
      }
      look();
    },
    [rowHeight, head, look],
  );
  const first = Math.max(0, Math.min(rows, Math.floor(seen.top / rowHeight) - spare));
  const last = Math.min(rows, Math.ceil((seen.top + seen.height) / rowHeight) + spare);
  return {
    box,
    onScroll: look,
    first,
    last,
    before: first * rowHeight,
    after: Math.max(0, rows - last) * rowHeight,
    show,
  };
}

/** A list whose rows go away once they are answered, and what slides to their place then. */
import { useEffect, useLayoutEffect, useRef, useState } from "react";

/** As long as the second press of a double click may take, and a little more. */
const still_ms = 700;

/**
 * Keeps a list from taking presses for a moment after one of its rows went away.
 *
 * The next row stands where the finger still is: a second press meant the row that is gone.
 */
export function useSettling(rows: readonly string[]): { "data-settling"?: true } {
  const before = useRef(rows);
  const [moved, setMoved] = useState(0);
  useLayoutEffect(() => {
    const left = new Set(rows);
    if (!before.current.every((row) => left.has(row))) setMoved((count) => count + 1);
    before.current = rows;
  }, [rows]);
  useEffect(() => {
    if (moved === 0) return;
    const timer = setTimeout(() => setMoved(0), still_ms);
    return () => clearTimeout(timer);
  }, [moved]);
  return moved > 0 ? { "data-settling": true } : {};
}

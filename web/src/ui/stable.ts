import { useCallback, useLayoutEffect, useRef } from "react";

/**
 * A function that stays the same object and always does what was last given.
 *
 * React Flow hands its callbacks to every node: one that changed would redraw them all.
 */
export function useStable<Given extends unknown[], Answer>(
  act: (...given: Given) => Answer,
): (...given: Given) => Answer {
  const latest = useRef(act);
  useLayoutEffect(() => {
    latest.current = act;
  });
  return useCallback((...given: Given) => latest.current(...given), []);
}

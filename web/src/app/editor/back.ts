/** The browser's Back closes what stands open over a page before it leaves the page. */
import { useEffect, useRef } from "react";

const isOver = (): boolean => history.state?.over === true;

/**
 * `close` closes what is open now; null while nothing is.
 *
 * What opens gets an entry of the history, with the page's own address. An entry whose thing was
 * closed otherwise stays until Back comes by, which then goes on to what lies before it: nobody
 * presses Back in vain.
 */
export function useBack(close: (() => void) | null): void {
  const latest = useRef(close);
  const stood = useRef(isOver());
  const open = close !== null;
  useEffect(() => {
    latest.current = close;
  });
  useEffect(() => {
    if (!open || isOver()) return;
    history.pushState({ over: true }, "");
    stood.current = true;
  }, [open]);
  useEffect(() => {
    const path = location.pathname + location.search;
    const onPop = () => {
      const before = stood.current;
      stood.current = isOver();
      if (!before || stood.current || location.pathname + location.search !== path) return;
      if (latest.current) latest.current();
      else history.back();
    };
    addEventListener("popstate", onPop);
    return () => removeEventListener("popstate", onPop);
  }, []);
}

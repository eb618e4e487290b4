import { Trans } from "@lingui/react/macro";
import { useEffect, useMemo } from "react";
import classes from "./data.module.css";
import { useWindow } from "./window.ts";

const LINE_PX = 20;

interface RawJsonProps {
  text: string;
  label: string;
  query?: string;
}

/** JSON as it is written, line by line; a search goes to the first line that holds the text. */
export function RawJson({ text, label, query = "" }: RawJsonProps) {
  const lines = useMemo(() => text.split("\n"), [text]);
  const view = useWindow(lines.length, LINE_PX);
  const wanted = query.trim().toLowerCase();
  const hits = useMemo(
    () =>
      wanted
        ? lines.flatMap((line, index) => (line.toLowerCase().includes(wanted) ? [index] : []))
        : [],
    [lines, wanted],
  );
  const [first] = hits;
  useEffect(() => {
    if (first !== undefined) view.show(first);
  }, [first, view.show]);
  const marked = useMemo(() => new Set(hits), [hits]);
  return (
    <>
      {wanted !== "" && hits.length === 0 && (
        <p className={classes.cut}>
          <Trans>Nothing here holds “{query.trim()}”.</Trans>
        </p>
      )}
      {/* biome-ignore lint/a11y/useSemanticElements: it scrolls, and has a name for that. */}
      <div
        className={classes.scroll}
        role="region"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long text scrolls by keyboard too.
        tabIndex={0}
        aria-label={label}
        ref={view.box}
        onScroll={view.onScroll}
      >
        <pre className={classes.raw}>
          <span style={{ height: view.before }} />
          {lines.slice(view.first, view.last).map((line, index) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: lines are known by their place.
              key={view.first + index}
              data-hit={marked.has(view.first + index) || undefined}
            >
              {line}
            </span>
          ))}
          <span style={{ height: view.after }} />
        </pre>
      </div>
    </>
  );
}

import { Trans } from "@lingui/react/macro";
import classes from "./data.module.css";

/** Beyond this, a page of text is slow to lay out; copying still takes all of it. */
const SHOWN_CHARACTERS = 200_000;

export function RawJson({ text, label }: { text: string; label: string }) {
  const cut = text.length > SHOWN_CHARACTERS;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text scrolls by keyboard too. */}
      <section className={classes.scroll} tabIndex={0} aria-label={label}>
        <pre className={classes.raw}>{cut ? text.slice(0, SHOWN_CHARACTERS) : text}</pre>
      </section>
      {cut && (
        <p className={classes.cut}>
          <Trans>Only the beginning is shown. “Copy as JSON” takes all of it.</Trans>
        </p>
      )}
    </>
  );
}

/** A sentence with its parts: each a button that opens the field which it stands for. */
import { useLingui } from "@lingui/react/macro";
import { memo } from "react";
import type { Part, Slot } from "~/model/sentence/sentence.ts";
import classes from "./sentence.module.css";

interface SentenceProps {
  /** Written in front of it where there is no column for it. */
  number: string;
  parts: readonly Part[];
  /** Without it the parts are only read. */
  onOpen: ((slot: Slot) => void) | null;
  /** Whether the parts are reached by Tab; in one row at a time they are. */
  reached: boolean;
}

/** A text without the signs at its beginning that belong to what stands before it. */
const unglued = (text: string): string => text.replace(/^[.,:;!?)\]”»’]+/, "");

export const Sentence = memo(function Sentence({ number, parts, onOpen, reached }: SentenceProps) {
  const { t } = useLingui();
  return (
    <span className={classes.sentence}>
      <span className={classes.inline} aria-hidden>
        {number}{" "}
      </span>
      {parts.map((part, index) => {
        const before = parts[index - 1];
        if (part.kind === "text") {
          const rest = before && before.kind !== "text" ? unglued(part.text) : part.text;
          // biome-ignore lint/suspicious/noArrayIndexKey: a part's place is what it is known by.
          return <span key={index}>{rest}</span>;
        }
        const next = parts[index + 1];
        const after = next?.kind === "text" ? next.text : "";
        const tail = after.slice(0, after.length - unglued(after).length);
        const { field, text } = part;
        const missing = part.kind === "missing";
        const inner = missing && !onOpen ? t`(${text}: to fill in)` : text;
        const said = onOpen ? (
          <button
            type="button"
            className={classes.slot}
            data-kind={part.kind}
            data-slot={part.pointer}
            tabIndex={reached ? 0 : -1}
            aria-label={missing ? t`${field}: to fill in` : t`${field}: ${text}`}
            onClick={() => onOpen(part)}
          >
            {text}
          </button>
        ) : (
          <span className={classes.said} data-kind={part.kind}>
            {inner}
          </span>
        );
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a part's place is what it is known by.
          <span key={index} className={tail ? classes.glued : undefined}>
            {said}
            {tail}
          </span>
        );
      })}
    </span>
  );
});

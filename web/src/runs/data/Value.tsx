import { Plural, Trans } from "@lingui/react/macro";
import type { Json } from "~/api/json.ts";
import classes from "./data.module.css";
import { kindOf, sizeOf, type ValueKind } from "./tree.ts";

/** Longer texts show their beginning; the whole is one click away. */
const SHOWN_CHARACTERS = 400;

interface ValueProps {
  value: Json;
  /** Shows even a very long text to its end. */
  whole?: boolean;
}

/** One value in one line. React writes it as text, whatever it holds. */
export function Value({ value, whole = false }: ValueProps) {
  const kind = kindOf(value);
  const size = sizeOf(value) ?? 0;
  if (kind === "list") {
    return (
      <span className={classes.count}>
        <Plural value={size} _0="empty list" one="# item" other="# items" />
      </span>
    );
  }
  if (kind === "object") {
    return (
      <span className={classes.count}>
        <Plural value={size} _0="no fields" one="# field" other="# fields" />
      </span>
    );
  }
  if (kind === "null") {
    return (
      <span className={classes.value} data-kind={kind}>
        <Trans>empty</Trans>
      </span>
    );
  }
  const text = String(value);
  if (kind === "text" && text === "") {
    return (
      <span className={classes.count}>
        <Trans>empty text</Trans>
      </span>
    );
  }
  const long = !whole && text.length > SHOWN_CHARACTERS;
  return (
    <span className={classes.value} data-kind={kind}>
      {long ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text}
    </span>
  );
}

/** What a field without data will hold, by its schema. */
export function KindWord({ kind }: { kind: ValueKind }) {
  return (
    <span className={classes.count} data-foreseen>
      {kind === "text" && <Trans>text</Trans>}
      {kind === "number" && <Trans>number</Trans>}
      {kind === "boolean" && <Trans>yes or no</Trans>}
      {kind === "list" && <Trans>list</Trans>}
      {kind === "object" && <Trans>group of fields</Trans>}
      {(kind === "unknown" || kind === "null") && <Trans>any value</Trans>}
    </span>
  );
}

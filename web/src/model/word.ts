/**
 * Filters in words: what a pill says of them, and what its menu offers for a kind of value.
 *
 * A filter without words here is shown by its name: nothing is hidden from people.
 */
import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { isLosslessNumber, isObject, type Json } from "~/api/json";
import type { Applied, Argument } from "./pill";

export type DataKind = "text" | "number" | "date" | "boolean" | "list" | "object" | "unknown";

/** What a filter is asked for in the menu. */
export interface Question {
  title: MessageDescriptor;
  kind: "text" | "number" | "field" | "date format" | "currency";
  start: string;
}

export interface Offer {
  id: string;
  title: MessageDescriptor;
  fits: readonly DataKind[];
  asks: Question[];
  /** Writes the filter; texts are quoted here, fields of items too. */
  write: (answers: string[]) => string;
}

const quoted = (text: string): string => JSON.stringify(text);
const number = (text: string): string => (/^-?\d+$/.test(text.trim()) ? text.trim() : "0");
/** A currency is a code, or the field that holds one. */
const currency = (text: string): string => (/^[A-Za-z]{3}$/.test(text) ? quoted(text) : text);

const simple = (id: string, title: MessageDescriptor, ...fits: DataKind[]): Offer => ({
  id,
  title,
  fits,
  asks: [],
  write: () => id,
});

const everything: DataKind[] = ["text", "number", "date", "boolean", "list", "object", "unknown"];

/** In the order of the menu. */
export const offers: Offer[] = [
  {
    id: "map",
    title: msg`each one’s …`,
    fits: ["list"],
    asks: [{ title: msg`Field`, kind: "field", start: "" }],
    write: ([field = ""]) => `map(${quoted(field)})`,
  },
  simple("first", msg`the first`, "list"),
  simple("last", msg`the last`, "list"),
  simple("length", msg`how many`, "list"),
  {
    id: "sum",
    title: msg`the sum of …`,
    fits: ["list"],
    asks: [{ title: msg`Field`, kind: "field", start: "" }],
    write: ([field = ""]) => (field ? `sum(${quoted(field)})` : "sum"),
  },
  {
    id: "join",
    title: msg`joined into one text`,
    fits: ["list"],
    asks: [{ title: msg`Between them`, kind: "text", start: ", " }],
    write: ([separator = ""]) => `join(${quoted(separator)})`,
  },
  simple("unique", msg`without repeats`, "list"),
  simple("upper", msg`in capitals`, "text", "unknown"),
  simple("lower", msg`in small letters`, "text", "unknown"),
  simple("title", msg`Each Word With A Capital`, "text"),
  simple("trim", msg`without spaces at the ends`, "text"),
  {
    id: "truncate",
    title: msg`shortened to …`,
    fits: ["text"],
    asks: [{ title: msg`Characters at most`, kind: "number", start: "80" }],
    write: ([length = ""]) => `truncate(${number(length)})`,
  },
  {
    id: "replace",
    title: msg`with a part replaced`,
    fits: ["text"],
    asks: [
      { title: msg`Replace`, kind: "text", start: "" },
      { title: msg`By`, kind: "text", start: "" },
    ],
    write: ([old = "", fresh = ""]) => `replace(${quoted(old)}, ${quoted(fresh)})`,
  },
  simple("strip_html", msg`without HTML`, "text"),
  simple("number", msg`as a number`, "text", "unknown"),
  {
    id: "date",
    title: msg`as date`,
    fits: ["date", "unknown"],
    asks: [{ title: msg`Written`, kind: "date format", start: "medium" }],
    write: ([format = ""]) => (format === "medium" ? "date" : `date(${quoted(format)})`),
  },
  {
    id: "datetime",
    title: msg`as date and time`,
    fits: ["date"],
    asks: [{ title: msg`Written`, kind: "date format", start: "medium" }],
    write: ([format = ""]) => (format === "medium" ? "datetime" : `datetime(${quoted(format)})`),
  },
  simple("time", msg`as time of day`, "date"),
  {
    id: "add_days",
    title: msg`days later`,
    fits: ["date"],
    asks: [{ title: msg`Days`, kind: "number", start: "1" }],
    write: ([days = ""]) => `add_days(${number(days)})`,
  },
  {
    id: "money",
    title: msg`as money`,
    fits: ["number", "unknown"],
    asks: [{ title: msg`Currency`, kind: "currency", start: "EUR" }],
    write: ([code = ""]) => `money(${currency(code)})`,
  },
  {
    id: "round",
    title: msg`rounded`,
    fits: ["number"],
    asks: [{ title: msg`Decimals`, kind: "number", start: "0" }],
    write: ([digits = ""]) => (number(digits) === "0" ? "round" : `round(${number(digits)})`),
  },
  simple("percent", msg`as a percentage`, "number"),
  simple("localize", msg`with the separators of the language`, "number"),
  simple("json", msg`as JSON`, "object", "list"),
  {
    id: "default",
    title: msg`or, if empty, …`,
    fits: everything,
    asks: [{ title: msg`Then use`, kind: "text", start: "" }],
    write: ([fallback = ""]) => `default(${quoted(fallback)}, empty=true)`,
  },
];

/** What a menu offers for a value, those for its own kind first. */
export function offersFor(kind: DataKind): Offer[] {
  return offers.filter((offer) => offer.fits.includes(kind));
}

const shownArgument = (argument: Argument | undefined): string =>
  argument === undefined ? "" : argument.kind === "text" ? `“${argument.value}”` : argument.value;

/** A filter as a pill says it; `titleOf` names a field of a list's items. */
export function wordsFor(applied: Applied, titleOf: (field: string) => string): string {
  const plain = applied.args.filter((argument) => argument.name === null);
  const [first, second] = plain;
  const count = Number(first?.value ?? 0);
  const field = first?.kind === "text" ? titleOf(first.value) : "";
  switch (applied.name) {
    case "map":
      return t`each one’s ${field}`;
    case "sum":
      return field ? t`the sum of ${field}` : t`the sum`;
    case "join":
      return t`joined by ${shownArgument(first) || "“”"}`;
    case "truncate":
      return plural(count, { one: "# character at most", other: "# characters at most" });
    case "replace":
      return t`${shownArgument(first)} replaced by ${shownArgument(second)}`;
    case "round":
    case "fixed":
      return plural(first ? count : applied.name === "fixed" ? 2 : 0, {
        0: "rounded",
        one: "rounded to # decimal",
        other: "rounded to # decimals",
      });
    case "add_days":
      return plural(count, { one: "# day later", other: "# days later" });
    case "default":
      return t`or, if empty, ${shownArgument(first)}`;
    default: {
      const known = offers.find((offer) => offer.id === applied.name);
      if (known) return i18n._(known.title);
      const inside = applied.args.map(shownArgument).join(", ");
      return inside ? `${applied.name} ${inside}` : applied.name;
    }
  }
}

const instant = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/;

/** Of what kind a value is; its schema says it where there is no value. */
export function dataKind(value: Json | undefined, schema: Json | null = null): DataKind {
  if (value === undefined || value === null) return kindBySchema(schema);
  if (typeof value === "string") return instant.test(value) ? "date" : "text";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number" || isLosslessNumber(value)) return "number";
  return Array.isArray(value) ? "list" : "object";
}

function kindBySchema(schema: Json | null): DataKind {
  if (!isObject(schema)) return "unknown";
  const { type, format } = schema;
  if (type === "integer" || type === "number" || format === "decimal") return "number";
  if (format === "date-time" || format === "date") return "date";
  if (type === "string") return "text";
  if (type === "boolean") return "boolean";
  if (type === "array" || schema.items) return "list";
  return type === "object" || schema.properties ? "object" : "unknown";
}

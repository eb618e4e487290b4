/**
 * Fields in formulas as people see them: a path with its filters is one thing, a pill.
 *
 * A pill is a view of a stretch of the source, never a form of its own: what is not edited stays
 * byte for byte, and every edit is a change of the source at a place.
 */
import type { ValueKind } from "./formula";
import { type FoundPath, pathAt, readText } from "./path";
import { partsOf, type Token, tokensOf } from "./token";

/** An argument of a filter that the menu can show: a literal, or another field. */
export interface Argument {
  name: string | null;
  kind: "text" | "number" | "word" | "path";
  /** A text without its quotes; the rest as it is written. */
  value: string;
}

export interface Applied {
  name: string;
  args: Argument[];
  /** From its bar to its end. */
  from: number;
  to: number;
}

export interface Pill {
  /** All that the pill stands for: in a text, the slot with its braces. */
  from: number;
  to: number;
  path: FoundPath;
  filters: Applied[];
}

export interface Edit {
  from: number;
  to: number;
  insert: string;
}

/** The pills of a formula, in order; everything between them is text or code as it stands. */
export function pillsIn(source: string, kind: ValueKind): Pill[] {
  if (kind === "text") {
    return partsOf(source).flatMap((part) => {
      if (part.kind !== "slot" || !source.startsWith("}}", part.innerTo)) return [];
      const pill = wholePill(source, part.innerFrom, part.innerTo);
      return pill ? [{ ...pill, from: part.from, to: part.to }] : [];
    });
  }
  const tokens = tokensOf(source);
  const pills: Pill[] = [];
  for (let at = 0; at < tokens.length; ) {
    const found = pillAt(tokens, at);
    if (found && endsThere(tokens, found.next)) pills.push(found.pill);
    at = found?.next ?? at + 1;
  }
  return pills;
}

/**
 * Whether a pill ends before a token. A name or a number that clings to it, or a bracket after it,
 * parses as nothing; it would become a part of any filter that was put between them.
 */
function endsThere(tokens: Token[], at: number): boolean {
  const next = tokens[at];
  if (next?.kind === "name" || next?.kind === "number") return false;
  return tokens[skipSpace(tokens, at)]?.source !== "(";
}

/** The pill that a stretch of a source is, if it is nothing else. */
export function wholePill(source: string, from = 0, to = source.length): Pill | null {
  const tokens = tokensOf(source, from, to);
  const start = skipSpace(tokens, 0);
  const found = pillAt(tokens, start);
  return found && skipSpace(tokens, found.next) >= tokens.length ? found.pill : null;
}

function skipSpace(tokens: Token[], at: number): number {
  let place = at;
  while (tokens[place]?.kind === "space") place += 1;
  return place;
}

function pillAt(tokens: Token[], at: number): { pill: Pill; next: number } | null {
  const found = pathAt(tokens, at);
  if (!found) return null;
  const filters: Applied[] = [];
  let next = found.next;
  for (let filter = filterAt(tokens, next); filter; filter = filterAt(tokens, next)) {
    filters.push(filter.applied);
    next = filter.next;
  }
  const to = filters.at(-1)?.to ?? found.path.to;
  return { pill: { from: found.path.from, to, path: found.path, filters }, next };
}

function filterAt(tokens: Token[], at: number): { applied: Applied; next: number } | null {
  const bar = skipSpace(tokens, at);
  if (tokens[bar]?.source !== "|") return null;
  const named = skipSpace(tokens, bar + 1);
  const name = tokens[named];
  if (name?.kind !== "name") return null;
  const from = tokens[bar]?.from ?? 0;
  const open = skipSpace(tokens, named + 1);
  if (tokens[open]?.source !== "(") {
    return { applied: { name: name.source, args: [], from, to: name.to }, next: named + 1 };
  }
  const args: Argument[] = [];
  let next = skipSpace(tokens, open + 1);
  while (tokens[next]?.source !== ")") {
    const argument = argumentAt(tokens, next);
    if (!argument) return null;
    args.push(argument.argument);
    next = skipSpace(tokens, argument.next);
    if (tokens[next]?.source === ",") next = skipSpace(tokens, next + 1);
    else if (tokens[next]?.source !== ")") return null;
  }
  const to = tokens[next]?.to ?? from;
  return { applied: { name: name.source, args, from, to }, next: next + 1 };
}

function argumentAt(tokens: Token[], at: number): { argument: Argument; next: number } | null {
  const sign = skipSpace(tokens, at + 1);
  if (tokens[at]?.kind === "name" && tokens[sign]?.source === "=") {
    const given = argumentAt(tokens, skipSpace(tokens, sign + 1));
    if (!given || given.argument.name !== null) return null;
    return { argument: { ...given.argument, name: tokens[at].source }, next: given.next };
  }
  const minus = tokens[at]?.source === "-" ? 1 : 0;
  const token = tokens[at + minus];
  if (!token) return null;
  const next = at + minus + 1;
  if (token.kind === "number") {
    const value = (minus ? "-" : "") + token.source;
    return { argument: { name: null, kind: "number", value }, next };
  }
  if (minus) return null;
  if (token.kind === "text") {
    const value = readText(token.source);
    return value === null ? null : { argument: { name: null, kind: "text", value }, next };
  }
  if (/^(?:true|false|none|null)$/.test(token.source)) {
    return { argument: { name: null, kind: "word", value: token.source }, next };
  }
  const path = pathAt(tokens, at);
  if (!path) return null;
  const value = tokens
    .slice(at, path.next)
    .map((it) => it.source)
    .join("");
  return { argument: { name: null, kind: "path", value }, next: path.next };
}

/** The end of a pill's path and filters, which in a text is before the closing braces. */
const endOf = (pill: Pill): number => pill.filters.at(-1)?.to ?? pill.path.to;

/** The stretch that a pill's value is computed from, without the braces of its slot. */
export function expressionOf(source: string, pill: Pill): string {
  return source.slice(pill.path.from, endOf(pill));
}

/** Puts another field in the place of a pill's; its filters stay. */
export function changePath(pill: Pill, path: string): Edit {
  return { from: pill.path.from, to: pill.path.to, insert: path };
}

/** Adds a filter after those that a pill has. */
export function addFilter(pill: Pill, filter: string): Edit {
  return { from: endOf(pill), to: endOf(pill), insert: ` | ${filter}` };
}

/** Takes one of a pill's filters away. */
export function removeFilter(pill: Pill, index: number): Edit {
  const before = index === 0 ? pill.path.to : (pill.filters[index - 1]?.to ?? pill.path.to);
  return { from: before, to: pill.filters[index]?.to ?? before, insert: "" };
}

/** Writes another filter in the place of one. */
export function changeFilter(pill: Pill, index: number, filter: string): Edit {
  const { from, to } = pill.filters[index] ?? { from: endOf(pill), to: endOf(pill) };
  return { from, to, insert: `| ${filter}` };
}

export function applyEdit(source: string, edit: Edit): string {
  return source.slice(0, edit.from) + edit.insert + source.slice(edit.to);
}

/** What is written for a field that is put at a place: a slot of its own where a text has none. */
export function slotFor(source: string, at: number, kind: ValueKind, path: string): string {
  if (kind !== "text") return path;
  const inside = partsOf(source).some(
    (part) => part.kind !== "plain" && part.from < at && at < part.to,
  );
  return inside ? path : `{{ ${path} }}`;
}

/** A field of one item of a list, seen as what it is of the list. */
export interface OfList {
  /** The list's own path. */
  list: string;
  /** Which item the pill reads now. */
  index: number;
  /** The item's field; null where the pill is the item itself. */
  field: string | null;
}

/** The list that a pill takes one item from, where its field can be taken from every item. */
export function listOf(source: string, pill: Pill): OfList | null {
  const { steps, from } = pill.path;
  const place = steps.findLastIndex((step) => typeof step === "number");
  const rest = steps.slice(place + 1);
  if (place < 0 || rest.length > 1) return null;
  const paths = tokensOf(source, from, pill.path.to);
  const cut = cutAt(paths, place);
  if (cut === null) return null;
  const [field = null] = rest;
  return { list: source.slice(from, cut), index: Number(steps[place]), field: field as string };
}

/** Where the step with a number begins in a path's tokens. */
function cutAt(tokens: Token[], step: number): number | null {
  let seen = -1;
  for (const token of tokens) {
    if (token.source !== "." && token.source !== "[") continue;
    seen += 1;
    if (seen === step) return token.from;
  }
  return null;
}

/** Puts another reading of the list in the place of the path and the filters. */
export function changeWhole(pill: Pill, expression: string): Edit {
  return { from: pill.path.from, to: endOf(pill), insert: expression };
}

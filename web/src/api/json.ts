/**
 * Reads and writes JSON without changing a single number.
 *
 * A number that JavaScript holds exactly as it was written stays a plain `number`; every other
 * one (ids beyond 2^53, `10.10`) becomes a `LosslessNumber` that keeps the text it came with.
 */
import { isLosslessNumber, LosslessNumber, parse, stringify } from "lossless-json";

export { isLosslessNumber, LosslessNumber };

export type Json = null | boolean | string | number | LosslessNumber | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export class UnreadableJson extends Error {}

function readNumber(text: string): number | LosslessNumber {
  const number = Number(text);
  return String(number) === text ? number : new LosslessNumber(text);
}

/** Parses JSON text; throws `UnreadableJson` with the parser's own words where it is not JSON. */
export function parseJson(text: string): Json {
  try {
    return parse(text, null, readNumber) as Json;
  } catch (error) {
    throw new UnreadableJson(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Finds a number that `JSON.parse` might change: a long one, one with an exponent, a zero at the
 * end of a decimal, a minus zero, a very small one. It may take a string's inside for one; it
 * overlooks none.
 */
const maybeInexact =
  /(?:^|"\s*:|[[,])\s*-?(?:[\d.]{16}|\d[\d.]*[eE]|\d+\.\d*0(?!\d)|0\.0{6}|(?<=-)0)/;

type Revive = (key: string, value: Json, context?: { source?: string }) => Json;
const parseNative = JSON.parse as (text: string, revive?: Revive) => Json;

const keepNumber: Revive = (_, value, context) =>
  typeof value === "number" ? readNumber(context?.source ?? String(value)) : value;

/** Whether the browser tells how a number was written; those of before 2025 may not. */
let tellsSource = false;
parseNative("1", (_, value, context) => {
  tellsSource = context?.source === "1";
  return value;
});

/**
 * Parses what our own server wrote, which repeats no key: just as exact, and by the browser's own
 * parser wherever that can be had.
 */
export function parseAnswer(text: string): Json {
  try {
    if (!maybeInexact.test(text)) return parseNative(text);
    return tellsSource ? parseNative(text, keepNumber) : parseJson(text);
  } catch {
    return parseJson(text);
  }
}

/** Writes a value so that every number reads exactly as it came. */
export function writeJson(value: unknown, indent?: number): string {
  return stringify(value, undefined, indent) ?? "null";
}

const written = new WeakMap<object, string>();

function writeOnce(value: unknown): string {
  if (typeof value !== "object" || value === null) return writeJson(value);
  const before = written.get(value);
  if (before !== undefined) return before;
  const text = writeJson(value);
  written.set(value, text);
  return text;
}

/**
 * Writes a document of which most was written before, as `writeJson` does: its members and the
 * items of its lists are never written to, so that each is put into words once.
 */
export function writeDocument(document: object): string {
  const members = Object.entries(document).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const text = Array.isArray(value) ? `[${value.map(writeOnce).join()}]` : writeOnce(value);
    return [`${JSON.stringify(name)}:${text}`];
  });
  return `{${members.join()}}`;
}

/** Whether two values are the same JSON, numbers compared as they are written, members in order. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, at) => sameJson(item, right[at]));
  }
  if (!isObject(left) || !isObject(right)) return writeJson(left) === writeJson(right);
  const [names, others] = [writtenNames(left), writtenNames(right)];
  return (
    names.length === others.length &&
    names.every((name, at) => name === others[at] && sameJson(left[name], right[name]))
  );
}

/** The members that are written: those that are undefined are not. */
const writtenNames = (value: object): string[] => {
  const members = value as Record<string, unknown>;
  return Object.keys(members).filter((name) => members[name] !== undefined);
};

export function isObject(value: unknown): value is JsonObject {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !isLosslessNumber(value)
  );
}

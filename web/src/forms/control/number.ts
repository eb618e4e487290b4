/** Numbers as people type them, read exactly or not at all. */
import { type Json, parseJson } from "~/api/json.ts";

/** Currency signs at either end, and spaces, say nothing about how much it is. */
const besides = /^\p{Sc}|\p{Sc}$|[\s\u00a0\u202f]/gu;
const plainWhole = /^-?(?:0|[1-9]\d*)$/;
const plainNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** `1.500` is one and a half to some, and fifteen hundred to others. */
const unclear = /^-?[1-9]\d{0,2}[.,]\d{3}$/;
/** Groups of three before the other sign, or more than one group: only one reading is left. */
const grouped =
  /^(-?[1-9]\d{0,2})((?:\.\d{3})+,\d+|(?:,\d{3})+\.\d+|(?:\.\d{3}){2,}|(?:,\d{3}){2,})$/;

const bare = (text: string): string => text.trim().replaceAll(besides, "").replace(/^\+/, "");

function plain(text: string): string {
  const groups = grouped.exec(text);
  if (!groups) return text.replace(/^(-?\d+),(\d+)$/, "$1.$2");
  const [, head = "", tail = ""] = groups;
  const decimal = tail.startsWith(".") ? "," : ".";
  const [groupsOf = "", fraction] = tail.split(decimal);
  const whole = head + groupsOf.replaceAll(/[.,]/g, "");
  return fraction === undefined ? whole : `${whole}.${fraction}`;
}

/**
 * Reads a typed number exactly: a decimal comma is understood, and so are groups of three. Null for
 * what is no number, and for what could be two.
 */
export function readNumber(text: string, whole: boolean): Json | null {
  const typed = bare(text);
  if (unclear.test(typed) && !whole) return null;
  const written = plain(unclear.test(typed) ? typed.replace(/[.,]/, "") : typed);
  return (whole ? plainWhole : plainNumber).test(written) ? parseJson(written) : null;
}

/** Both numbers that a typed one could be, each written with a point so that it is the only one. */
export function readingsOf(text: string): { whole: string; decimal: string } | null {
  const typed = bare(text);
  if (!unclear.test(typed)) return null;
  const point = typed.replace(",", ".");
  const fewer = point.replace(/0+$/, "");
  const decimal = fewer.endsWith(".") || fewer === point ? `${fewer}0` : fewer;
  return { whole: point.replace(".", ""), decimal };
}

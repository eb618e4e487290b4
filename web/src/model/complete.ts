/** What may be typed next in a formula: variables, their fields, filters. */
import type { Filter } from "~/api/contract";
import { isObject, type Json, writeJson } from "~/api/json";
import type { ValueKind } from "./formula";
import { plainText } from "./search";
import { membersOf, type Variable } from "./variable";

export interface Completion {
  label: string;
  /** What takes the place of the text from `Completions.from` to the cursor. */
  insert: string;
  /** Other words that it is found by. */
  also?: string;
  /** It is seldom meant, and stands after all others. */
  seldom?: true;
  detail: string;
  kind: "variable" | "field" | "filter";
  /** What is shown beside the list for the one that is chosen. */
  help?: FilterHelp;
}

export interface FilterHelp {
  signature: string;
  summary: string;
  example: string | null;
}

export interface Completions {
  from: number;
  options: Completion[];
}

const pathBefore =
  /([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*|\[\d+\]|\["(?:[^"\\]|\\.)*"\])*)(\.)([A-Za-z_]?\w*)$/;

/** The start of the slot that an offset stands in, or null outside of slots. */
export function slotStart(source: string, offset: number): number | null {
  const before = source.slice(0, offset);
  const open = Math.max(before.lastIndexOf("{{"), before.lastIndexOf("{%"));
  if (open < 0) return null;
  const closed = Math.max(before.lastIndexOf("}}"), before.lastIndexOf("%}"));
  return closed > open ? null : open + 2;
}

export function completeAt(
  source: string,
  offset: number,
  kind: ValueKind,
  variables: Variable[],
  filters: Filter[],
): Completions | null {
  const start = kind === "text" ? slotStart(source, offset) : 0;
  if (start === null) return null;
  const before = source.slice(start, offset);
  if (insideText(before)) return null;
  const filter = /\|\s*(\w*)$/.exec(before);
  if (filter) {
    const typed = filter[1] ?? "";
    return { from: offset - typed.length, options: filters.map(filterOption) };
  }
  const path = pathBefore.exec(before);
  if (path) {
    const variable = variables.find((it) => it.name === path[1]);
    if (!variable) return null;
    return fieldsAt(variable, pathParts(path[2] ?? ""), offset, (path[4] ?? "").length);
  }
  const word = /(?:^|[^\w.])([A-Za-z_]?\w*)$/.exec(before)?.[1];
  if (word === undefined) return null;
  const fields = word.length < leastLetters ? [] : fieldsCalled(word, variables);
  return { from: offset - word.length, options: [...variables.map(variableOption), ...fields] };
}

/** From so many letters on, fields of every variable are found by their own names. */
export const leastLetters = 2;
const [nearest, deepest, most] = [40, 3, 60];
/** What every formula can read: who types a name mostly means the data. */
const around: ReadonlySet<string> = new Set(["now", "flow", "run", "vars"]);

/** The fields that are called so, of the nearest variables: who knows a name need not know where. */
function fieldsCalled(word: string, variables: readonly Variable[]): Completion[] {
  const wanted = plainText(word);
  const found: Completion[] = [];
  const look = (variable: Variable, path: string[], titles: string[]) => {
    for (const { key, title, value } of membersOf(variable, path)) {
      if (found.length >= most) return;
      if (typeof key !== "string" || !/^[A-Za-z_]\w*$/.test(key)) continue;
      const [own, words] = [
        [...path, key],
        [...titles, title],
      ];
      if ([key, title].some((it) => plainText(it).includes(wanted))) {
        const place = [variable.name, ...own].join(".");
        const also = plainText(title);
        const detail = [words.join(" › "), shownValue(value)].filter(Boolean).join(" · ");
        const seldom = around.has(variable.name) && { seldom: true as const };
        found.push({ label: place, insert: place, also, detail, kind: "field", ...seldom });
      }
      if (own.length < deepest && !Array.isArray(value)) look(variable, own, words);
    }
  };
  for (const variable of variables.slice(0, nearest)) look(variable, [], [variable.label]);
  return found;
}

function insideText(before: string): boolean {
  let quote: string | null = null;
  for (let at = 0; at < before.length; at += 1) {
    const char = before[at] ?? "";
    if (quote && char === "\\") at += 1;
    else if (quote) quote = char === quote ? null : quote;
    else if (char === '"' || char === "'") quote = char;
  }
  return quote !== null;
}

function pathParts(path: string): (string | number)[] {
  return [...path.matchAll(/\.([A-Za-z_]\w*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g)].map((match) => {
    if (match[1] !== undefined) return match[1];
    return match[2] !== undefined ? Number(match[2]) : (JSON.parse(match[3] ?? '""') as string);
  });
}

function fieldsAt(
  variable: Variable,
  path: (string | number)[],
  offset: number,
  typed: number,
): Completions {
  const options = membersOf(variable, path).map((member): Completion => {
    const key = String(member.key);
    const plain = typeof member.key === "string" && /^[A-Za-z_]\w*$/.test(key);
    const odd = typeof member.key === "number" ? `[${key}]` : `[${JSON.stringify(key)}]`;
    return {
      label: key,
      insert: plain ? key : odd,
      detail: [member.title === key ? "" : member.title, shownValue(member.value)]
        .filter(Boolean)
        .join(" · "),
      kind: "field",
    };
  });
  // An odd name is written in brackets, which take the place of the dot.
  const from = offset - typed;
  const bracketed = options.every((option) => option.insert.startsWith("["));
  if (bracketed && options.length > 0) return { from: from - 1, options };
  return { from, options: options.filter((option) => !option.insert.startsWith("[")) };
}

const shownValue = (value: Json | undefined): string => (value === undefined ? "" : briefly(value));

function filterOption(filter: Filter): Completion {
  const [example] = filter.examples;
  return {
    label: filter.name,
    insert: filter.name,
    detail: filter.signature.slice(filter.name.length),
    kind: "filter",
    help: {
      signature: filter.signature,
      summary: filter.summary,
      example: example ? `${example.source} → ${briefly(example.result)}` : null,
    },
  };
}

function variableOption(variable: Variable): Completion {
  return {
    label: variable.name,
    insert: variable.name,
    detail: variable.label,
    kind: "variable",
  };
}

/** A value in a few characters, for a list. */
export function briefly(value: Json): string {
  if (Array.isArray(value)) return `[${value.length}]`;
  if (isObject(value)) return `{${Object.keys(value).slice(0, 3).join(", ")}}`;
  const text = typeof value === "string" ? value : writeJson(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/** The names of nodes inside formulas: found and renamed without touching anything else. */
import { isObject, type Json } from "~/api/json";

type Rename = (name: string) => string;

const word = /[A-Za-z_][A-Za-z0-9_]*/y;

/** Renames the variables of an expression: not its texts, fields, filters or keyword arguments. */
export function renameInExpression(source: string, rename: Rename): string {
  let out = "";
  let at = 0;
  let before = "";
  while (at < source.length) {
    const char = source[at] ?? "";
    if (char === '"' || char === "'") {
      const end = endOfText(source, at);
      out += source.slice(at, end);
      at = end;
      before = char;
      continue;
    }
    word.lastIndex = at;
    const match = word.exec(source);
    if (match && !/[0-9]/.test(before)) {
      const name = match[0];
      const rest = source.slice(at + name.length);
      const plain = before !== "." && before !== "|" && !/^\s*=(?!=)/.test(rest);
      out += plain ? rename(name) : name;
      at += name.length;
      before = "a";
      continue;
    }
    out += char;
    at += 1;
    if (char.trim()) before = char;
  }
  return out;
}

function endOfText(source: string, start: number): number {
  for (let at = start + 1; at < source.length; at += 1) {
    if (source[at] === "\\") at += 1;
    else if (source[at] === source[start]) return at + 1;
  }
  return source.length;
}

/** Renames inside the slots of a text: `{{ order.name }}` and `{% if order %}`. */
export function renameInText(source: string, rename: Rename): string {
  return source.replace(
    /(\{\{|\{%)([\s\S]*?)(\}\}|%\})/g,
    (_, open: string, inner: string, close: string) =>
      open + renameInExpression(inner, rename) + close,
  );
}

/** Renames in every formula of a value, at any depth. */
export function renameInValue(value: Json, rename: Rename): Json {
  if (Array.isArray(value)) return value.map((item) => renameInValue(item, rename));
  if (!isObject(value)) return value;
  const names = Object.keys(value);
  if (names.length === 1 && typeof value.$expr === "string") {
    return { $expr: renameInExpression(value.$expr, rename) };
  }
  if (names.length === 1 && typeof value.$text === "string") {
    return { $text: renameInText(value.$text, rename) };
  }
  if (names.length === 1 && names[0] === "$value") return value;
  return Object.fromEntries(
    names.map((name) => [name, renameInValue(value[name] as Json, rename)]),
  );
}

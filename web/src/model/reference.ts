/** The names of nodes inside formulas: found and renamed without touching anything else. */
import { isObject, type Json } from "~/api/json";
import { type FlowDocument, findNode } from "./flow";
import type { NodeTypes } from "./port";
import { ancestors, loopsAround, reaches } from "./reach";
import { nodeTitle } from "./variable";

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

/** Why a formula cannot read a name any more, as far as the flow tells. */
export interface Lost {
  name: string;
  /** What people call the node; the name itself where there is none. */
  label: string;
  why: "gone" | "self" | "later" | "inside" | "apart";
}

/** Names that are never nodes: what every node reads, and what loops and lists call their items. */
const given: ReadonlySet<string> = new Set(
  "now run flow vars item index loop true false none null".split(" "),
);

/** Why a node cannot read another's output, or null where it can. */
export function findLost(
  flow: FlowDocument,
  types: NodeTypes,
  node: string,
  name: string,
): Lost | null {
  if (given.has(name)) return null;
  const loops = loopsAround(flow, node);
  if (loops.some((loop) => loop.params?.as === name)) return null;
  const found = findNode(flow, name);
  if (!found) return { name, label: name, why: "gone" };
  if (ancestors(flow, node).includes(name)) return null;
  const label = nodeTitle(flow, types, name);
  if (name === node || loops.some((loop) => loop.id === name)) return { name, label, why: "self" };
  if (found.inside && !loops.some((loop) => loop.id === found.inside)) {
    return { name, label, why: "inside" };
  }
  return { name, label, why: reaches(flow, node, name) ? "later" : "apart" };
}

/** The names that a text's own `for` gives to items: no node needs to have them. */
export function localNames(source: string): Set<string> {
  const names = new Set<string>();
  for (const match of source.matchAll(/\bfor\s+(\w+)(?:\s*,\s*(\w+))?\s+in\b/g)) {
    if (match[1]) names.add(match[1]);
    if (match[2]) names.add(match[2]);
  }
  return names;
}

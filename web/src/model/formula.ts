/** A param's four forms: a literal, a typed formula, a text with slots, a value taken literally. */
import { isObject, type Json, type JsonObject } from "~/api/json";

export type ValueKind = "literal" | "expression" | "text" | "quoted";

function only(value: Json | undefined, name: string): Json | undefined {
  if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
  return Object.keys(value).length === 1 ? value[name] : undefined;
}

export function kindOfValue(value: Json | undefined): ValueKind {
  if (typeof only(value, "$expr") === "string") return "expression";
  if (typeof only(value, "$text") === "string") return "text";
  if (only(value, "$value") !== undefined) return "quoted";
  return "literal";
}

export function isFormula(value: Json | undefined): boolean {
  const kind = kindOfValue(value);
  return kind === "expression" || kind === "text";
}

/** The source that a formula field shows. */
export function sourceOf(value: Json | undefined): string {
  const source = only(value, "$expr") ?? only(value, "$text");
  return typeof source === "string" ? source : "";
}

/** What a form shows for a literal, without the mark that quotes it. */
export function literalOf(value: Json | undefined): Json | undefined {
  return kindOfValue(value) === "quoted" ? (value as JsonObject).$value : value;
}

/** A literal that the runtime takes for what it is, even where it looks like a formula. */
export function quote(value: Json): Json {
  const names = isObject(value) ? Object.keys(value) : [];
  return names.length === 1 && names[0]?.startsWith("$") ? { $value: value } : value;
}

/** The formula that means the same as a literal: what "use a formula" starts from. */
export function toFormula(value: Json | undefined, kind: "expression" | "text"): Json {
  const literal = literalOf(value);
  if (kind === "text") {
    return { $text: typeof literal === "string" ? literal : (writeLiteral(literal) ?? "") };
  }
  return { $expr: writeLiteral(literal) ?? "" };
}

/** Writes a literal in the expression language; null for nothing. */
function writeLiteral(value: Json | undefined): string | null {
  if (value === undefined || value === null || value === "") return null;
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "boolean") return String(value);
  if (Array.isArray(value)) {
    return `[${value.map((item) => writeLiteral(item) ?? "none").join(", ")}]`;
  }
  if (isObject(value)) {
    const members = Object.entries(value).map(
      ([name, member]) => `${JSON.stringify(name)}: ${writeLiteral(member) ?? "none"}`,
    );
    return `{${members.join(", ")}}`;
  }
  return String(value);
}

/** The literal that a formula stands for where it is nothing but one; undefined otherwise. */
export function toLiteral(value: Json | undefined): Json | undefined {
  const source = sourceOf(value).trim();
  if (kindOfValue(value) === "text") return /\{\{|\{%/.test(source) ? undefined : sourceOf(value);
  const text = /^"(?:[^"\\]|\\.)*"$/.test(source);
  if (!text) return undefined;
  try {
    return JSON.parse(source) as string;
  } catch {
    return undefined;
  }
}

/** A field's place in the expression language: `order.line_items[0]["odd name"]`. */
export function pathExpression(root: string, path: (string | number)[]): string {
  return path.reduce<string>((source, part) => {
    if (typeof part === "number") return `${source}[${part}]`;
    const plain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(part) && !part.startsWith("__");
    return plain ? `${source}.${part}` : `${source}[${JSON.stringify(part)}]`;
  }, root);
}

/** What kind of data a place holds, by its schema or its example, and what can be asked of it. */
import { isLosslessNumber, isObject, type Json } from "~/api/json.ts";
import type { Operator } from "~/model/condition.ts";
import { readPath } from "~/model/path.ts";
import { choicesIn, fieldKind, labelledChoices, resolveSchema } from "~/model/schema.ts";
import { placeAt, type Variable } from "~/model/variable.ts";

export interface Nature {
  kind: "text" | "number" | "boolean" | "date" | "list" | "unknown";
  /** The few values that it can have, where the schema says so. */
  choices: { value: Json; label: string }[];
}

const unknown: Nature = { kind: "unknown", choices: [] };
const counting = new Set(["length", "sum", "average", "number", "round", "abs", "year", "month"]);

export function natureOf(place: string, variables: readonly Variable[]): Nature {
  const [head = "", ...filters] = place.split(" | ");
  const last = filters.at(-1)?.split("(")[0];
  if (last !== undefined) return counting.has(last) ? { ...unknown, kind: "number" } : unknown;
  const path = readPath(head);
  const variable = path && variables.find((it) => it.name === path.root);
  if (!path || !variable) return unknown;
  const { schema, value } = placeAt(variable, path.steps);
  const described = schema ? resolveSchema(schema, variable.schema ?? {}) : {};
  const choices = choicesIn(described) ? labelledChoices(described) : [];
  return { kind: byValue(value) ?? bySchema(described), choices };
}

function byValue(value: Json | undefined): Nature["kind"] | null {
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number" || isLosslessNumber(value)) return "number";
  if (Array.isArray(value)) return "list";
  if (typeof value === "string") return /^\d{4}-\d\d-\d\d/.test(value) ? "date" : "text";
  return isObject(value) ? "unknown" : null;
}

function bySchema(schema: Parameters<typeof fieldKind>[0]): Nature["kind"] {
  const kinds: Record<string, Nature["kind"]> = {
    boolean: "boolean",
    integer: "number",
    number: "number",
    decimal: "number",
    money: "number",
    duration: "number",
    list: "list",
    choices: "list",
    date: "date",
    moment: "date",
    text: "text",
    long_text: "text",
    choice: "text",
  };
  if (schema.format === "date-time") return "date";
  return kinds[fieldKind(schema)] ?? "unknown";
}

const byKind: Record<Nature["kind"], Operator[]> = {
  number: ["gt", "ge", "lt", "le", "eq", "ne", "in", "not_in", "empty", "filled"],
  text: ["eq", "ne", "contains", "lacks", "starts", "ends", "in", "not_in", "empty", "filled"],
  boolean: ["yes", "no"],
  date: ["gt", "ge", "lt", "le", "eq", "ne", "empty", "filled"],
  list: ["contains", "lacks", "empty", "filled"],
  unknown: [
    "eq",
    "ne",
    "gt",
    "ge",
    "lt",
    "le",
    "contains",
    "lacks",
    "in",
    "not_in",
    "yes",
    "no",
    "empty",
    "filled",
  ],
};

export function operatorsFor(nature: Nature): Operator[] {
  return nature.choices.length > 0
    ? ["eq", "ne", "in", "not_in", "empty", "filled"]
    : byKind[nature.kind];
}

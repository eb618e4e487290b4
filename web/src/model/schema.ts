/** The part of JSON Schema that params use, read without React: references, kinds, defaults. */
import type { JsonSchema } from "~/api/contract";
import { isObject, type Json, type JsonObject, sameJson, writeJson } from "~/api/json";

export interface Hint {
  widget?: string;
  personal?: string;
  choices?: string;
  advanced?: boolean;
  secret?: boolean;
  /** Needed before any run: never a formula. */
  fixed?: boolean;
  /** What people call the values of a choice, in the order in which they are offered. */
  labels?: { [value: string]: string };
  /** Fields of one group exclude each other: exactly one of them, or one at most, says something. */
  one_of?: string;
  at_most_one_of?: string;
  /** Belongs to another field of a group, and is of use with it only. */
  beside?: string;
  /** Of use only while other fields of the same object have one of these values. */
  when?: { [field: string]: Json[] };
  /** The field that names the currency of an amount, or the currency itself. */
  currency?: string;
  language?: string;
  /** An event that something waits for, or several. */
  awaited?: boolean;
  /** Variables that formulas see here besides the node's own. */
  names?: string[];
  collect?: boolean;
  /** Mostly a formula: nobody writes such a value out. */
  formula?: boolean;
}

export type FieldKind =
  | "text"
  | "long_text"
  | "code"
  | "json"
  | "secret"
  | "number"
  | "integer"
  | "decimal"
  | "money"
  | "duration"
  | "boolean"
  | "condition"
  | "choice"
  | "choices"
  | "date"
  | "moment"
  | "timezone"
  | "cron"
  | "color"
  | "file"
  | "people"
  | "trigger"
  | "key"
  | "flow"
  | "flows"
  | "table"
  | "connection"
  | "collect"
  | "port"
  | "place"
  | "list"
  | "events"
  | "object"
  | "map"
  | "any";

export interface Field {
  name: string;
  schema: JsonSchema;
  required: boolean;
}

/** Follows local references and takes the null out of "this or null". */
export function resolveSchema(schema: JsonSchema, root: JsonSchema): JsonSchema {
  let found = schema;
  for (let depth = 0; depth < 20; depth += 1) {
    const { $ref, ...beside } = found;
    if (typeof $ref === "string") {
      const definitions = isObject(root.$defs) ? root.$defs : {};
      const target = definitions[$ref.split("/").at(-1) ?? ""];
      if (!isObject(target)) return beside;
      found = { ...target, ...beside };
      continue;
    }
    const options = (found.anyOf ?? found.oneOf) as Json | undefined;
    if (!Array.isArray(options)) return found;
    const real = options.filter((option) => isObject(option) && option.type !== "null");
    if (real.length !== 1 || !isObject(real[0])) return found;
    const { anyOf: _any, oneOf: _one, ...rest } = found;
    found = { ...real[0], ...rest };
  }
  return found;
}

export function hintOf(schema: JsonSchema): Hint {
  return isObject(schema["x-tramo"]) ? (schema["x-tramo"] as Hint) : {};
}

function typesOf(schema: JsonSchema): string[] {
  const branches = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(branches)) return branches.flatMap((it) => (isObject(it) ? typesOf(it) : []));
  const { type } = schema;
  // A reference that several branches share is always to an object.
  if (typeof schema.$ref === "string") return ["object"];
  const names = Array.isArray(type) ? type : [type];
  return names.filter((name): name is string => typeof name === "string" && name !== "null");
}

/** Widgets that a schema asks for by name. */
const byWidget: Record<string, FieldKind> = {
  long_text: "long_text",
  code: "code",
  secret: "secret",
  duration: "duration",
  money: "money",
  condition: "condition",
  moment: "moment",
  timezone: "timezone",
  cron: "cron",
  color: "color",
  file: "file",
  people: "people",
  trigger: "trigger",
  key: "key",
  flow: "flow",
  flows: "flows",
  table: "table",
  connection: "connection",
  port: "port",
  place: "place",
  fields: "map",
  keys: "map",
  figures: "map",
};

const byFormat: Record<string, FieldKind> = {
  password: "secret",
  decimal: "decimal",
  date: "date",
  moment: "moment",
  timezone: "timezone",
  cron: "cron",
  color: "color",
};

/** Kinds by the types that a value may have, in alphabetical order. */
const byTypes: Record<string, FieldKind> = {
  string: "text",
  "integer,string": "text",
  integer: "integer",
  // A list that something counts is a formula, never written out.
  "array,integer": "integer",
  number: "number",
  "integer,number": "number",
  boolean: "boolean",
  array: "list",
  object: "map",
};

/** Which field shows a (resolved) schema. */
export function fieldKind(schema: JsonSchema): FieldKind {
  const { widget, language, secret, awaited, collect } = hintOf(schema);
  if (secret) return "secret";
  if (choicesIn(schema)) return "choice";
  if (collect) return "collect";
  if (widget === "code" && language === "json") return "json";
  const asked = byWidget[widget ?? ""];
  if (asked) return asked;
  const types = typesOf(schema).sort().join();
  if (awaited && types === "array,object") return "events";
  if (types === "string") return byFormat[String(schema.format)] ?? "text";
  if (types === "array" && isObject(schema.items) && Array.isArray(schema.items.enum)) {
    return "choices";
  }
  if (types === "object" && hasFields(schema)) return "object";
  return byTypes[types] ?? "any";
}

function hasFields({ properties, additionalProperties }: JsonSchema): boolean {
  const some = isObject(properties) && Object.keys(properties).length > 0;
  return some || additionalProperties === false;
}

/** Whether "nothing said" is a choice of its own beside yes and no. */
export function isOptionalYes(schema: JsonSchema): boolean {
  return schema.default === null;
}

/** Whether a field starts as a formula: lists of anything, and what its author says so of. */
export function startsAsFormula(schema: JsonSchema): boolean {
  const { formula, fixed, widget, names } = hintOf(schema);
  if (fixed || widget || names) return false;
  const items = isObject(schema.items) ? schema.items : {};
  return formula === true || (fieldKind(schema) === "list" && Object.keys(items).length === 0);
}

/** The fixed values of a choice, or null where the schema names none. */
export function choicesIn(schema: JsonSchema): Json[] | null {
  if (Array.isArray(schema.enum)) return schema.enum.filter((value) => value !== null);
  return schema.const === undefined ? null : [schema.const];
}

/** An object's fields in the order of the schema. */
export function fieldsOf(schema: JsonSchema, root: JsonSchema): Field[] {
  const object = resolveSchema(schema, root);
  const required = Array.isArray(object.required) ? object.required : [];
  const properties = isObject(object.properties) ? object.properties : {};
  return Object.entries(properties).map(([name, field]) => ({
    name,
    schema: resolveSchema(isObject(field) ? field : {}, root),
    required: required.includes(name),
  }));
}

/** What people call a choice's values, in the order in which a form offers them. */
export function labelledChoices(schema: JsonSchema): { value: Json; label: string }[] {
  const choices = choicesIn(schema) ?? [];
  const labels = hintOf(schema).labels ?? {};
  const places = Object.keys(labels);
  const place = (value: Json) => {
    const at = places.indexOf(String(value));
    return at < 0 ? places.length : at;
  };
  return choices
    .map((value) => ({ value, label: labels[String(value)] ?? humanised(value) }))
    .sort((left, right) => place(left.value) - place(right.value));
}

/** `out_for_delivery` is "Out for delivery"; what has no small letter is a word of its own. */
function humanised(value: Json): string {
  if (typeof value !== "string") return writeJson(value);
  const words = value.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A field's name for people where the schema gives it no title: `line_items` is "Line items". */
export function titleOf(name: string, schema: JsonSchema): string {
  if (typeof schema.title === "string" && schema.title !== "") return schema.title;
  const words = name.replaceAll("_", " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a new list item or object starts as: its defaults, and empty where the schema asks. */
export function blankOf(schema: JsonSchema, root: JsonSchema): Json {
  const found = resolveSchema(schema, root);
  if (found.default !== undefined) return found.default;
  switch (fieldKind(found)) {
    case "object": {
      const blank: JsonObject = {};
      for (const field of fieldsOf(found, root)) {
        if (field.required) blank[field.name] = blankOf(field.schema, root);
      }
      return blank;
    }
    case "map":
      return {};
    case "list":
    case "events":
    case "choices":
    case "flows":
      return [];
    case "boolean":
      return false;
    case "choice":
      return choicesIn(found)?.[0] ?? null;
    case "text":
    case "long_text":
    case "code":
    case "secret":
    case "port":
    case "trigger":
    case "key":
    case "place":
    case "flow":
    case "table":
      return "";
    default:
      return null;
  }
}

/** Whether a field's use is a matter of what its siblings say now. */
export function isOfUse(field: Field, siblings: JsonObject, root: Field[]): boolean {
  const { when } = hintOf(field.schema);
  if (!when || siblings[field.name] !== undefined) return true;
  return Object.entries(when).every(([name, values]) => {
    const usual = root.find((it) => it.name === name)?.schema.default;
    return values.some((value) => sameJson(value, siblings[name] ?? usual));
  });
}

/** The group of fields that exclude each other to which a field belongs, if any. */
export function groupOf({ schema }: Field): { name: string; required: boolean } | null {
  const { one_of, at_most_one_of } = hintOf(schema);
  const name = one_of ?? at_most_one_of;
  return name === undefined ? null : { name, required: one_of !== undefined };
}

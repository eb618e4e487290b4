/** The part of JSON Schema that params use, read without React: references, kinds, defaults. */
import type { JsonSchema } from "~/api/contract";
import { isObject, type Json, type JsonObject } from "~/api/json";

export interface Hint {
  widget?: string;
  personal?: string;
  choices?: string;
  advanced?: boolean;
  secret?: boolean;
  /** Needed before any run: never a formula. */
  fixed?: boolean;
}

export type FieldKind =
  | "text"
  | "long_text"
  | "code"
  | "secret"
  | "number"
  | "integer"
  | "boolean"
  | "choice"
  | "list"
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
  const { type } = schema;
  const names = Array.isArray(type) ? type : [type];
  return names.filter((name): name is string => typeof name === "string" && name !== "null");
}

/** Which field shows a (resolved) schema. */
export function fieldKind(schema: JsonSchema): FieldKind {
  const { widget, secret } = hintOf(schema);
  if (choicesIn(schema)) return "choice";
  const types = typesOf(schema);
  if (types.length !== 1) return types.join() === "integer,number" ? "number" : "any";
  switch (types[0]) {
    case "string":
      if (secret || widget === "secret" || schema.format === "password") return "secret";
      return widget === "long_text" || widget === "code" ? widget : "text";
    case "integer":
      return "integer";
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    case "array":
      return "list";
    case "object":
      if (isObject(schema.properties) && Object.keys(schema.properties).length > 0) return "object";
      return schema.additionalProperties === false ? "object" : "map";
    default:
      return "any";
  }
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
      return [];
    case "boolean":
      return false;
    case "choice":
      return choicesIn(found)?.[0] ?? null;
    case "text":
    case "long_text":
    case "code":
    case "secret":
      return "";
    default:
      return null;
  }
}

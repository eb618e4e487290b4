/** Reads a credential's JSON Schema into the fields of a form, and the form back into values. */
import { isObject, type Json, type JsonObject } from "~/api/json.ts";
import { labelledChoices } from "~/model/schema.ts";

export type FieldKind = "secret" | "text" | "long_text" | "number" | "boolean" | "choice" | "list";

export interface CredentialField {
  name: string;
  kind: FieldKind;
  title: string;
  description: string | null;
  required: boolean;
  advanced: boolean;
  example: string | null;
  initial: FieldValue;
  choices: { value: string; label: string }[];
  /** The choices of other fields under which it is asked for; null for always. */
  when: { [field: string]: Json[] } | null;
}

export type FieldValue = string | boolean;
export type FieldValues = Record<string, FieldValue>;

const textOf = (value: Json | undefined): string | null =>
  typeof value === "string" && value !== "" ? value : null;

/** Follows a local `$ref`; every other schema is returned as it is. */
function resolve(schema: JsonObject, root: JsonObject): JsonObject {
  const name = textOf(schema.$ref)?.match(/^#\/\$defs\/(.+)$/)?.[1];
  const known = name && isObject(root.$defs) ? root.$defs[name] : undefined;
  if (!isObject(known)) return schema;
  const { $ref: _ref, ...own } = schema;
  return { ...known, ...own };
}

/** The schema of a field that may be left out: the branch of `anyOf` that is not null. */
function present(schema: JsonObject, root: JsonObject): JsonObject {
  const resolved = resolve(schema, root);
  const branches = Array.isArray(resolved.anyOf) ? resolved.anyOf.filter(isObject) : [];
  const branch = branches.find((candidate) => candidate.type !== "null");
  if (!branch) return resolved;
  const { anyOf: _anyOf, ...own } = resolved;
  return { ...resolve(branch, root), ...own };
}

function kindOf(schema: JsonObject, hints: JsonObject): FieldKind {
  if (hints.secret === true || hints.widget === "secret") return "secret";
  if (schema.format === "password") return "secret";
  if (Array.isArray(schema.enum)) return "choice";
  if (schema.type === "boolean") return "boolean";
  if (schema.type === "integer" || schema.type === "number") return "number";
  if (schema.type === "array") return "list";
  return hints.widget === "long_text" ? "long_text" : "text";
}

/** "bot_token" as "Bot token", for a field whose author gave it no title. */
function titleOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function initialOf(value: Json | undefined, kind: FieldKind): FieldValue {
  if (kind === "boolean") return value === true;
  if (value === undefined || value === null) return "";
  return Array.isArray(value) ? value.map(String).join("\n") : String(value);
}

/** The fields of a credential, in the order in which its author wrote them. */
export function credentialFields(root: JsonObject): CredentialField[] {
  const schema = resolve(root, root);
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(properties).flatMap(([name, given]) => {
    if (!isObject(given)) return [];
    const field = present(given, root);
    const hints = isObject(field["x-tramo"]) ? field["x-tramo"] : {};
    const kind = kindOf(field, hints);
    const examples = Array.isArray(field.examples) ? field.examples : [];
    return [
      {
        name,
        kind,
        title: textOf(field.title) ?? titleOf(name),
        description: textOf(field.description),
        required: required.includes(name),
        advanced: hints.advanced === true,
        example: examples.length > 0 ? String(examples[0]) : null,
        initial: initialOf(field.default, kind),
        choices: labelledChoices(field).map(({ value, label }) => ({
          value: String(value),
          label,
        })),
        when: isObject(hints.when) ? (hints.when as { [field: string]: Json[] }) : null,
      },
    ];
  });
}

/** The fields that are asked for with these values; one that has a value stays in sight. */
export function askedFields(fields: CredentialField[], values: FieldValues): CredentialField[] {
  return fields.filter(({ name, when }) => {
    if (when === null || (values[name] ?? "") !== "") return true;
    return Object.entries(when).every(([other, wanted]) => wanted.includes(values[other] ?? ""));
  });
}

/** What the form shows at first: what is stored and no secret, else the schema's defaults. */
export function initialValues(fields: CredentialField[], stored: JsonObject = {}): FieldValues {
  return Object.fromEntries(
    fields.map((field) => [
      field.name,
      field.name in stored ? initialOf(stored[field.name], field.kind) : field.initial,
    ]),
  );
}

/** The values to send: what was left empty is left out, so that a secret that is set stays. */
export function credentialOf(fields: CredentialField[], values: FieldValues): JsonObject {
  const credential: JsonObject = {};
  for (const { name, kind } of fields) {
    const value = values[name];
    if (typeof value === "boolean") credential[name] = value;
    else if (value === undefined || value.trim() === "") continue;
    else if (kind === "number") credential[name] = Number(value);
    else if (kind === "list") {
      credential[name] = value
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "");
    } else credential[name] = kind === "secret" ? value : value.trim();
  }
  return credential;
}

/** The required fields that are still empty; a secret that is stored already is not missing. */
export function missingFields(
  fields: CredentialField[],
  values: FieldValues,
  storedSecrets: readonly string[] = [],
): string[] {
  return fields
    .filter(
      ({ name, required, kind }) =>
        required &&
        kind !== "boolean" &&
        !storedSecrets.includes(name) &&
        String(values[name] ?? "").trim() === "",
    )
    .map(({ name }) => name);
}

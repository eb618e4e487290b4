/** What of a node's params is still to be filled in, in the order in which its form asks. */
import type { JsonSchema } from "~/api/contract";
import { isObject, type Json } from "~/api/json";
import { isFormula, sourceOf } from "./formula";
import { pointerTo } from "./pointer";
import { fieldsOf, groupOf, isOfUse, resolveSchema } from "./schema";

const isBlank = (value: Json): boolean =>
  value === "" || (isFormula(value) && sourceOf(value).trim() === "");

/** The first place that must say something and says nothing; null where all is said. */
export function firstEmpty(
  schema: JsonSchema,
  value: Json | undefined,
  root: JsonSchema = schema,
  pointer = "",
): string | null {
  const values = isObject(value) ? value : {};
  const fields = fieldsOf(schema, root);
  for (const field of fields) {
    const at = pointer + pointerTo(field.name);
    const own = values[field.name];
    const group = groupOf(field);
    const said = (name: string) => values[name] !== undefined;
    const members = fields.filter((it) => group && groupOf(it)?.name === group.name);
    const needed = group ? group.required && !members.some((it) => said(it.name)) : field.required;
    if (own === undefined) {
      if (needed && field.schema.default === undefined && isOfUse(field, values, fields)) return at;
      continue;
    }
    if (isBlank(own)) {
      if (needed || isFormula(own)) return at;
      continue;
    }
    const inner = emptyWithin(field.schema, own, root, at);
    if (inner !== null) return inner;
  }
  return null;
}

function emptyWithin(schema: JsonSchema, value: Json, root: JsonSchema, at: string): string | null {
  if (isFormula(value)) return null;
  if (!Array.isArray(value)) return isObject(value) ? firstEmpty(schema, value, root, at) : null;
  const items = resolveSchema(isObject(schema.items) ? schema.items : {}, root);
  for (const [index, item] of value.entries()) {
    const inner = isObject(item) ? firstEmpty(items, item, root, at + pointerTo(index)) : null;
    if (inner !== null) return inner;
  }
  return null;
}

/**
 * The field of the data that most likely goes into an empty parameter, by what both are called.
 *
 * It says nothing rather than guess: an id wants the thing whose id it is, and of other names only
 * those count that mean one thing everywhere.
 */
import type { JsonSchema } from "~/api/contract";
import { isObject, type JsonObject } from "~/api/json";
import { pathExpression } from "./formula";
import { isTrigger, type NodeTypes } from "./port";
import { choicesIn, type Field, resolveSchema } from "./schema";
import type { Variable } from "./variable";

/** Names that mean the same wherever they stand, each with those under which data has it. */
const sameThings: Record<string, readonly string[]> = {
  to: ["email"],
  email: ["email", "customer_email"],
  phone: ["phone"],
  sku: ["sku"],
  currency: ["currency"],
  thread: ["thread"],
  tracking_number: ["tracking_number", "tracking_code"],
  tracking_code: ["tracking_code", "tracking_number"],
};

/** What a parameter asks for: some thing's id, or a value by one of its names. */
interface Wish {
  thing: string | null;
  names: readonly string[];
}

function wishOf(name: string, siblings: Field[], values: JsonObject): Wish | null {
  const things = /^(.+)_id$/.exec(name);
  if (things?.[1]) return { thing: things[1], names: ["id"] };
  if (name !== "id") {
    const names = sameThings[name];
    return names ? { thing: null, names } : null;
  }
  // "Id" beside "What it is: Order".
  const kinds = siblings.filter(({ schema }) => choicesIn(schema) !== null);
  const [kind, ...others] = kinds.map((it) => values[it.name] ?? it.schema.default);
  return typeof kind === "string" && others.length === 0 ? { thing: kind, names: ["id"] } : null;
}

const propertiesOf = (schema: JsonSchema | null, root: JsonSchema | null): JsonObject => {
  const found = schema && resolveSchema(schema, root ?? schema);
  return isObject(found?.properties) ? found.properties : {};
};

/** What a variable is, in the words of its schema: an order, a customer. */
function isThing({ schema, type }: Variable, thing: string): boolean {
  const title = schema && resolveSchema(schema, schema).title;
  const told = typeof title === "string" ? title.toLowerCase().replaceAll(" ", "_") : "";
  return told === thing || (type?.split(".").at(-1)?.startsWith(`${thing}_`) ?? false);
}

/** The way to what is wished for: at the top of the data, or in a thing that it holds. */
function wayIn(variable: Variable, { thing, names }: Wish): string[] | null {
  const top = propertiesOf(variable.schema, variable.schema);
  if (thing !== null && Object.hasOwn(top, `${thing}_id`)) return [`${thing}_id`];
  const own = thing === null || isThing(variable, thing) ? names : [];
  const here = own.find((name) => Object.hasOwn(top, name));
  if (here !== undefined) return [here];
  const held = thing === null ? ["customer"] : [thing];
  for (const holder of held) {
    const inner = top[holder];
    if (!isObject(inner)) continue;
    const within = propertiesOf(inner, variable.schema);
    const name = names.find((it) => Object.hasOwn(within, it));
    if (name !== undefined) return [holder, name];
  }
  return null;
}

/** The place in the data that fits an empty field, what started the flow first; null for none. */
export function suggestFor(
  name: string,
  siblings: Field[],
  values: JsonObject,
  variables: readonly Variable[],
  types: NodeTypes,
): string | null {
  const wish = wishOf(name, siblings, values);
  if (!wish) return null;
  const starts = (it: Variable) => isTrigger(types.get(it.type ?? ""));
  const ordered = [...variables.filter(starts), ...variables.filter((it) => !starts(it))];
  for (const variable of ordered) {
    if (variable.type === null) continue;
    const way = wayIn(variable, wish);
    if (way) return pathExpression(variable.name, way);
  }
  return null;
}

/** Variables of a param's own: what a condition over a list's items calls the item. */
import type { Json, JsonObject } from "~/api/json";
import { sourceOf } from "./formula";
import { readItems, type Variable } from "./variable";

/** The params that hold the list, in the order in which they are looked for. */
const lists = ["items", "rows", "left"];

/** The variables that `names` stands for, with the first item of the list as their example. */
export function localVariables(
  names: readonly string[],
  params: JsonObject,
  variables: Variable[],
): Variable[] {
  const source = lists.map((name) => sourceOf(params[name])).find((it) => it !== "") ?? "";
  const items = readItems(source, variables);
  return names.map((name): Variable => {
    if (name !== "item") {
      const schema = { type: "integer" };
      return { name, label: name, type: null, schema, value: 0, source: "schema" };
    }
    const own: Json | undefined = params.as;
    const called = typeof own === "string" && own !== "" ? own : name;
    const value = items?.value;
    const from = value === undefined ? "schema" : (items?.source ?? "schema");
    return {
      name: called,
      label: called,
      type: null,
      schema: items?.schema ?? null,
      value,
      source: from,
    };
  });
}

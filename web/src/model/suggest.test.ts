import { expect, test } from "vitest";
import type { JsonSchema } from "~/api/contract";
import type { JsonObject } from "~/api/json";
import { nodeType } from "../../test/catalog";
import { fieldsOf } from "./schema";
import { suggestFor } from "./suggest";
import type { Variable } from "./variable";

const types = new Map([
  ["shop.order_created", nodeType("shop.order_created", { kind: "trigger" })],
  ["shop.get_order", nodeType("shop.get_order")],
]);
const text = { type: "string" };

const order: JsonSchema = {
  title: "Order",
  properties: { id: text, customer: { properties: { id: text, email: text } }, total: text },
};
const variable = (name: string, type: string, schema: JsonSchema): Variable => ({
  name,
  label: name,
  type,
  schema,
  value: undefined,
  source: "schema",
});
const trigger = variable("order_created", "shop.order_created", order);
const later = variable("get_order", "shop.get_order", order);

const tags: JsonSchema = {
  properties: { id: text, kind: { enum: ["order", "customer"], default: "order" } },
};
const suggest = (name: string, schema: JsonSchema, values: JsonObject = {}) =>
  suggestFor(name, fieldsOf(schema, schema), values, [later, trigger], types);

test("an id is that of the thing that is chosen beside it, from what started the flow first", () => {
  expect(suggest("id", tags)).toBe("order_created.id");
  expect(suggest("id", tags, { kind: "customer" })).toBe("order_created.customer.id");
});

test("an id says whose it is by its own name, and a mail address is one everywhere", () => {
  const schema = { properties: { order_id: text, to: text } };
  expect(suggest("order_id", schema)).toBe("order_created.id");
  expect(suggest("to", schema)).toBe("order_created.customer.email");
});

test("nothing is suggested where names could mean anything", () => {
  const schema = { properties: { id: text, total: text, variant_id: text } };
  for (const name of ["id", "total", "variant_id"]) expect(suggest(name, schema)).toBeNull();
});

import { expect, test } from "vitest";
import type { JsonSchema } from "~/api/contract";
import { parseJson } from "~/api/json";
import { catalog } from "../../test/catalog";
import { readFlow } from "./flow";
import { kindOfValue, pathExpression, quote, toFormula, toLiteral } from "./formula";
import { freshNodeId, isNodeId } from "./node-id";
import { expandPointer, readAt, writeAt } from "./pointer";
import { nodeTypesOf } from "./port";
import { ancestors } from "./reach";
import { blankOf, fieldKind, fieldsOf, resolveSchema } from "./schema";
import { membersOf, variablesFor } from "./variable";

test("user data that looks like a formula stays data", () => {
  expect(quote({ $expr: "order.total" })).toEqual({ $value: { $expr: "order.total" } });
  expect(kindOfValue(quote({ $expr: "order.total" }))).toBe("quoted");
  expect(quote({ a: 1 })).toEqual({ a: 1 });
  expect(kindOfValue({ $expr: "a", other: 1 })).toBe("literal");
});

test("a literal becomes a formula that means the same, numbers exact", () => {
  expect(toFormula(parseJson("10.10"), "expression")).toEqual({ $expr: "10.10" });
  expect(toFormula('say "hi"', "expression")).toEqual({ $expr: '"say \\"hi\\""' });
  expect(toFormula([1, null, { a: true }], "expression")).toEqual({
    $expr: '[1, none, {"a": true}]',
  });
  expect(toFormula("plain", "text")).toEqual({ $text: "plain" });
  expect(toLiteral({ $text: "plain" })).toBe("plain");
  expect(toLiteral({ $text: "{{ a }}" })).toBeUndefined();
});

test("a clicked field is written so that odd names work", () => {
  expect(pathExpression("order", ["line_items", 0, "odd name", "__typename"])).toBe(
    'order.line_items[0]["odd name"]["__typename"]',
  );
});

test("pointers read, write and take away without changing the value they are given", () => {
  const value = { rules: [{ port: "a" }, { port: "b" }], "x/y": 1 };
  expect(readAt(value, "/rules/1/port")).toBe("b");
  expect(writeAt(value, "/rules/0", undefined)).toEqual({ rules: [{ port: "b" }], "x/y": 1 });
  expect(writeAt(value, "/x~1y", 2)).toEqual({ ...value, "x/y": 2 });
  expect(expandPointer(value, "/rules/*/port")).toEqual(["/rules/0/port", "/rules/1/port"]);
  expect(value.rules).toHaveLength(2);
});

test("node ids are words a formula can use", () => {
  expect(freshNodeId("slack.post_message", new Set(["post_message"]))).toBe("post_message_2");
  expect(freshNodeId("core.if", new Set())).toBe("if_2");
  expect(freshNodeId("x.9", new Set())).toBe("node");
  expect(isNodeId("loop")).toBe(false);
});

test("a node sees its ancestors, and inside a loop the item and what the loop sees", () => {
  const flow = readFlow({
    id: "flow_1",
    name: "T",
    nodes: [
      { id: "order", type: "shopify.order_created" },
      { id: "lines", type: "core.for_each", params: { items: { $expr: "order.line_items" } } },
      { id: "reserve", type: "core.set", inside: "lines" },
      { id: "beside", type: "core.set" },
    ],
    edges: [
      { from: "order", to: "lines" },
      { from: "order", to: "beside" },
    ],
  });
  const types = nodeTypesOf(catalog);
  expect(ancestors(flow, "reserve")).toEqual(["order"]);
  const variables = variablesFor(flow, types, "reserve", new Map());
  expect(variables.map((it) => it.name)).toEqual(["item", "index", "order"]);
  const [item] = variables;
  expect(item && membersOf(item, []).map((it) => it.key)).toEqual(["sku", "quantity"]);
  const order = variables[2];
  expect(order && membersOf(order, ["line_items", 0]).map((it) => it.title)).toEqual([
    "Sku",
    "Quantity",
  ]);
});

test("a schema's references and nullable fields show as what they are", () => {
  const root: JsonSchema = {
    $ref: "#/$defs/Params",
    $defs: {
      Params: {
        type: "object",
        required: ["to"],
        properties: {
          to: { $ref: "#/$defs/Person" },
          mode: { anyOf: [{ enum: ["a", "b"] }, { type: "null" }], default: null },
          body: { type: "string", "x-tramo": { widget: "long_text" } },
          fields: { type: "object" },
          price: { anyOf: [{ type: "string" }, { type: "number" }, { type: "null" }] },
        },
      },
      Person: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
    },
  };
  const kinds = fieldsOf(root, root).map((field) => [field.name, fieldKind(field.schema)]);
  expect(kinds).toEqual([
    ["to", "object"],
    ["mode", "choice"],
    ["body", "long_text"],
    ["fields", "map"],
    ["price", "any"],
  ]);
  expect(blankOf(root, root)).toEqual({ to: { name: "" } });
  expect(resolveSchema({ $ref: "#/$defs/Missing", title: "x" }, root)).toEqual({ title: "x" });
});

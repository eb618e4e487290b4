import { expect, test } from "vitest";
import { parseJson } from "~/api/json";
import { catalog } from "../../test/catalog";
import { completeAt } from "./complete";
import { readFlow } from "./flow";
import { freePlace, loopBoxes, shownPositions } from "./place";
import { nodeTypesOf } from "./port";
import { levelsOf, paramProblems, placeProblems, wordsAtField } from "./problem";
import { groupTypes, searchTypes } from "./search";

const types = nodeTypesOf(catalog);
const order = {
  name: "order",
  label: "Order created",
  type: null,
  schema: null,
  value: parseJson('{"id": 820982911946154508, "odd name": 1, "lines": [{"sku": "A"}]}'),
  source: "run" as const,
};
const customer = {
  ...order,
  name: "customer",
  label: "Customer",
  value: parseJson('{"address": {"name": "Ana"}, "orders": [{"name": "#1"}]}'),
};
const filters = [{ name: "money", category: "money", summary: "", signature: "", examples: [] }];

function labels(source: string, kind: "text" | "expression" = "expression"): string[] | null {
  const found = completeAt(source, source.length, kind, [order], filters);
  return found?.options.map((option) => option.label) ?? null;
}

test("a formula offers variables, then their fields, then filters", () => {
  expect(labels("or")).toEqual(["order"]);
  expect(labels("order.")).toEqual(["id", "lines"]);
  expect(labels("order.lines[0].s")).toEqual(["sku"]);
  expect(labels("order.id | mo")).toEqual(["money"]);
});

test("a field is found by its own name, wherever it is", () => {
  expect(labels("sk")).toEqual(["order"]);
  const flow = { ...order, name: "flow", label: "This flow", value: parseJson('{"name": "Mine"}') };
  const found = completeAt("Hello {{ na", 11, "text", [customer, flow], []);
  expect(found).toMatchObject({
    from: 9,
    options: [
      { label: "customer" },
      { label: "flow" },
      { insert: "customer.address.name", detail: "Customer › Address › Name · Ana" },
      { insert: "flow.name", seldom: true },
    ],
  });
});

test("nothing is offered inside quotes, after a number, or in a text outside its slots", () => {
  expect(labels('"order.')).toBeNull();
  expect(labels("12.")).toBeNull();
  expect(labels("Hello or", "text")).toBeNull();
  expect(labels("Hello {{ or", "text")).toEqual(["order"]);
  expect(labels("Hello {{ order.id }} or", "text")).toBeNull();
});

test("a list's items are offered by place, in brackets instead of the dot", () => {
  const found = completeAt("order.lines.", 12, "expression", [order], []);
  expect(found).toMatchObject({ from: 11, options: [{ insert: "[0]" }] });
});

test("a node type is found without accents, by any of its words, best first", () => {
  const spoken = {
    ...catalog,
    node_types: catalog.node_types.map((type) =>
      type.type === "core.set" ? { ...type, title: "Título nuevo", synonyms: ["asignar"] } : type,
    ),
  };
  expect(searchTypes(spoken, "titulo").map((it) => it.type)).toEqual(["core.set"]);
  expect(searchTypes(spoken, "ASIG nue").map((it) => it.type)).toEqual(["core.set"]);
  expect(searchTypes(spoken, "(")).toEqual([]);
  expect(groupTypes(catalog.node_types, [])[0]?.types[0]?.kind).toBe("trigger");
});

const flow = readFlow({
  id: "flow_1",
  name: "T",
  nodes: [
    { id: "order", type: "shopify.order_created" },
    { id: "lines", type: "core.for_each" },
    { id: "one", type: "core.set", inside: "lines" },
    { id: "two", type: "core.set", inside: "lines" },
  ],
  edges: [
    { from: "order", to: "lines" },
    { from: "one", to: "two" },
  ],
  layout: { order: [0, 0], lines: [400, 0], one: [420, 200], two: [800, 220] },
});

test("problems keep their node when an edit moves it in the list", () => {
  const placed = placeProblems(
    flow,
    [
      { path: "/nodes/2/params/fields/a", code: "c", message: "m", level: "warning", params: {} },
      { path: "/nodes/2/params", code: "c", message: "m", level: "error", params: {} },
      { path: "/edges/1/port", code: "c", message: "m", level: "error", params: {} },
      { path: "/name", code: "c", message: "m", level: "error", params: {} },
    ],
    types,
  );
  expect(placed.map((it) => it.node)).toEqual(["one", "one", "one", null]);
  expect(levelsOf(placed)).toEqual(new Map([["one", "error"]]));
  expect(paramProblems(placed, "one").map((it) => it.path)).toEqual(["/fields/a", ""]);
});

test("a problem calls a node by what people see of it, and stands at its field without the path", () => {
  const said = "“one”, rules[0].when: This formula is empty.";
  const params = { place: "“one”, rules[0].when" };
  const [placed] = placeProblems(
    flow,
    [{ path: "/nodes/2/params", code: "c", message: said, level: "error", params }],
    types,
  );
  const title = types.get("core.set")?.title;
  expect(placed?.problem.message).toBe(`“${title}”: This formula is empty.`);
  expect(placed && wordsAtField(placed.problem)).toBe("This formula is empty.");
});

test("a loop's box holds what stands inside it, and a new node covers no other", () => {
  const places = shownPositions(flow);
  const [box] = loopBoxes(flow, types, (id) => places.get(id));
  expect(box).toMatchObject({ id: "lines", x: 396 });
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeGreaterThan(800 + 248);
  const [, y] = freePlace(flow, types, [10, 10]);
  expect(y).toBeGreaterThan(64);
});

test("nodes that nobody has placed are drawn by depth, apart from each other", () => {
  const { layout: _, ...bare } = flow;
  const places = [...shownPositions(bare).values()];
  expect(new Set(places.map(String)).size).toBe(places.length);
  expect(shownPositions(bare).get("lines")?.[0]).toBeGreaterThan(0);
});

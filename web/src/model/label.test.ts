import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJson } from "~/api/json";
import { labelledText, labelOf } from "./label";
import { pathsIn, readPath, readText } from "./path";
import { partsOf, tokensOf } from "./token";
import type { Variable } from "./variable";

const order: Variable = {
  name: "order",
  label: "Order",
  type: "shopify.order_created",
  schema: {
    $ref: "#/$defs/Order",
    $defs: {
      Order: {
        type: "object",
        properties: {
          total: { type: "string", format: "decimal", title: "Total" },
          line_items: { type: "array", title: "Line items", items: { $ref: "#/$defs/Line" } },
        },
      },
      Line: { type: "object", properties: { sku: { type: "string", title: "SKU" } } },
    },
  },
  value: parseJson('{"total": 10.10, "line_items": [], "note_attributes": {"odd name": 1}}'),
  source: "run",
};

test("a field is called by its node and its title", () => {
  expect(labelOf("order.total", [order])).toBe("Order › Total");
  expect(labelOf(" order ", [order])).toBe("Order");
  expect(labelOf("order.line_items[0].sku", [order])).toBe("Order › Line items (first) › SKU");
  expect(labelOf("order.line_items[-1]", [order])).toBe("Order › Line items (last)");
  expect(labelOf("order.line_items.2.sku", [order])).toBe("Order › Line items (3) › SKU");
  expect(labelOf('order.note_attributes["odd name"]', [order])).toBe(
    "Order › Note attributes › Odd name",
  );
});

test("an expression is read with its fields by their labels; what nobody knows stays", () => {
  expect(labelOf('order.total > 500 and gone.x == "order"', [order])).toBe(
    'Order › Total > 500 and gone.x == "order"',
  );
  expect(labelOf("order.total | default(order) is defined", [order])).toBe(
    "Order › Total | default(Order) is defined",
  );
});

test("a text with slots is words and labels", () => {
  expect(labelledText("New: {{ order.total }}!", [order])).toEqual([
    { slot: false, text: "New: " },
    { slot: true, text: "Order › Total" },
    { slot: false, text: "!" },
  ]);
});

test("what is no variable is none: words, fields, filters, tests, arguments", () => {
  const roots = (source: string) => pathsIn(source).map((path) => path.root);
  expect(roots("a.b if c is not defined else d | default(fallback=e)")).toEqual([
    "a",
    "c",
    "d",
    "e",
  ]);
  expect(roots('x is text and "y.z" in true')).toEqual(["x"]);
  expect(roots("a[b].c")).toEqual(["a", "b"]);
  expect(readPath("order.total + 1")).toBeNull();
  expect(readPath('order["a\\"b"][0]')).toEqual({ root: "order", steps: ['a"b', 0] });
  expect(readText('"a\\u00e9\\n"')).toBe("aé\n");
  expect(readText('"open')).toBeNull();
});

/** Sources as people and accidents make them: the pieces of the language in any order. */
const sources = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ..."order . total [ 0 ] {{ }} {% %} {# #} | money ( \" ' \\ , = 12.5 { } raw endraw - \n é".split(
          " ",
        ),
      ),
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 24 },
  )
  .map((pieces) => pieces.join(" "));

test("the tokens of any source are that source again", () => {
  fc.assert(
    fc.property(sources, (source) => {
      expect(
        tokensOf(source)
          .map((token) => token.source)
          .join(""),
      ).toBe(source);
      const parts = partsOf(source);
      expect(parts.map((part) => source.slice(part.from, part.to)).join("")).toBe(source);
      for (const path of pathsIn(source)) expect(path.from).toBeLessThan(path.to);
    }),
  );
});

test("a slot ends behind its quotes and braces", () => {
  const slots = (source: string) =>
    partsOf(source).map((part) => [part.kind, source.slice(part.from, part.to)]);
  expect(slots('a {{ "}}" }} b')).toEqual([
    ["plain", "a "],
    ["slot", '{{ "}}" }}'],
    ["plain", " b"],
  ]);
  expect(slots("{{ {1: {2: 3}} }}x")[0]).toEqual(["slot", "{{ {1: {2: 3}} }}"]);
  expect(slots("{% raw %}{{ x }}{% endraw %}").map(([kind]) => kind)).toEqual([
    "tag",
    "plain",
    "tag",
  ]);
  expect(slots("{{ open")).toEqual([["slot", "{{ open"]]);
});

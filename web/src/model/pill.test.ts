import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJson } from "~/api/json";
import { labelOf } from "./label";
import {
  addFilter,
  applyEdit,
  changeFilter,
  changePath,
  expressionOf,
  pillsIn,
  removeFilter,
  slotFor,
  wholePill,
} from "./pill";
import type { Variable } from "./variable";
import { dataKind, offers, offersFor } from "./word";

const order: Variable = {
  name: "order",
  label: "Order",
  type: null,
  schema: null,
  value: parseJson('{"total": 10.10, "name": "#1", "lines": [{"sku": "A", "price": 5.05}]}'),
  source: "run",
};

/** Formulas as people and accidents make them. */
const sources = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...'order order.total order.lines[0].sku | upper money("EUR") default(\'x\',empty=true) {{ }} {%if}%} {#x#} > 500 and round(-2) join( ) " é'.split(
          " ",
        ),
      ),
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 20 },
  )
  .chain((pieces) => fc.constantFrom("", " ").map((between) => pieces.join(between)));
const kinds = fc.constantFrom("expression" as const, "text" as const);

test("pills and what is between them are the source again, for any source", () => {
  fc.assert(
    fc.property(sources, kinds, (source, kind) => {
      let at = 0;
      let shown = "";
      for (const pill of pillsIn(source, kind)) {
        expect(pill.from).toBeGreaterThanOrEqual(at);
        expect(pill.to).toBeGreaterThan(pill.from);
        shown += source.slice(at, pill.from) + source.slice(pill.from, pill.to);
        at = pill.to;
      }
      expect(shown + source.slice(at)).toBe(source);
    }),
    { numRuns: 400 },
  );
});

test("a filter that is added and taken away again leaves the very same source", () => {
  fc.assert(
    fc.property(sources, kinds, fc.constantFrom(...offers), (source, kind, offer) => {
      for (const [place, pill] of pillsIn(source, kind).entries()) {
        const more = applyEdit(
          source,
          addFilter(pill, offer.write(offer.asks.map((it) => it.start))),
        );
        const changed = pillsIn(more, kind)[place];
        expect(changed?.filters).toHaveLength(pill.filters.length + 1);
        if (!changed) continue;
        expect(applyEdit(more, removeFilter(changed, pill.filters.length))).toBe(source);
      }
    }),
    { numRuns: 300 },
  );
});

test.each([
  ["A|round(-2)0", []],
  ["a[0]b", ["b"]],
  ["order.total (x)", ["x"]],
  ["a | upper and b[0]and", ["a | upper"]],
  ['"A\\', []],
] as const)(
  "what clings to a field of %s would be taken for a filter's own: no pill",
  (source, own) => {
    const pills = pillsIn(source, "expression");
    expect(pills.map((pill) => source.slice(pill.from, pill.to))).toEqual(own);
    for (const [place, pill] of pills.entries()) {
      const more = applyEdit(source, addFilter(pill, 'join(", ")'));
      const changed = pillsIn(more, "expression")[place];
      expect(changed && applyEdit(more, removeFilter(changed, pill.filters.length))).toBe(source);
    }
  },
);

test("an edit of a pill touches nothing beside it", () => {
  const source = "Hi  {{order.name|upper }}, {{ order.total  |  round(2) }} {{ 1 + 1 }}";
  const [name, total, none] = pillsIn(source, "text");
  expect(none).toBeUndefined();
  if (!name || !total) throw new Error("two pills");
  expect(applyEdit(source, changePath(name, "order.email"))).toBe(
    "Hi  {{order.email|upper }}, {{ order.total  |  round(2) }} {{ 1 + 1 }}",
  );
  expect(applyEdit(source, removeFilter(total, 0))).toBe(
    "Hi  {{order.name|upper }}, {{ order.total }} {{ 1 + 1 }}",
  );
  expect(applyEdit(source, changeFilter(total, 0, "round(1)"))).toContain(
    "order.total  | round(1) }}",
  );
  expect(expressionOf(source, total)).toBe("order.total  |  round(2)");
});

test("in a typed formula every field is a pill of its own, with the filters that are its own", () => {
  const source =
    'order.total | default(0) > 500 and order["name"] | like(order.x + "*") or order[i]';
  expect(pillsIn(source, "expression").map((pill) => source.slice(pill.from, pill.to))).toEqual([
    "order.total | default(0)",
    'order["name"]',
    "order.x",
    "order",
    "i",
  ]);
});

test("pills are called in words", () => {
  expect(labelOf("order.name | upper", [order])).toBe("Order › Name, in capitals");
  expect(labelOf('order.lines | map("sku") | join(", ")', [order])).toBe(
    "Order › Lines, each one’s Sku, joined by “, ”",
  );
  expect(labelOf('order.name | default("friend", empty=true)', [order])).toBe(
    "Order › Name, or, if empty, “friend”",
  );
  expect(labelOf("order.total | round(2)", [order])).toBe("Order › Total, rounded to 2 decimals");
  expect(labelOf("order.total | money(order.currency)", [order])).toBe("Order › Total, as money");
  expect(labelOf("order.name | slug", [order])).toBe("Order › Name, slug");
});

test("every filter that is offered is read back with its words and its arguments", () => {
  for (const offer of offers) {
    const written = offer.write(offer.asks.map((ask) => ask.start || "x"));
    expect(wholePill(`order.name | ${written}`)?.filters[0]?.name, offer.id).toBe(offer.id);
  }
  expect(offersFor("list").map((offer) => offer.id)).toEqual(
    expect.arrayContaining(["map", "first", "length", "sum"]),
  );
});

test("a field is put into a slot of its own, unless it is put into one", () => {
  expect(slotFor("Hi ", 3, "text", "order.name")).toBe("{{ order.name }}");
  expect(slotFor("Hi {{  }}", 6, "text", "order.name")).toBe("order.name");
  expect(slotFor("{{ a }}", 7, "text", "b")).toBe("{{ b }}");
  expect(slotFor("1 + ", 4, "expression", "order.total")).toBe("order.total");
});

test("the kind of a value is its own, else its schema's", () => {
  expect(dataKind(parseJson("820982911946154508"))).toBe("number");
  expect(dataKind("2026-11-20T09:30:00Z")).toBe("date");
  expect(dataKind("2026-11-20")).toBe("date");
  expect(dataKind("#1001")).toBe("text");
  expect(dataKind(undefined, { type: "string", format: "decimal" })).toBe("number");
  expect(dataKind(undefined, null)).toBe("unknown");
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJson } from "~/api/json";
import { type Group, type Operator, type Part, readCondition, writeCondition } from "./condition";

const subject = fc.constantFrom("order.total", "item", 'order["odd name"].x', "a.b[0] | length");
const scalar = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom(parseJson("10.10"), parseJson("820982911946154508")),
);
const one = fc.record({
  subject,
  operator: fc.constantFrom<Operator>("eq", "ne", "gt", "ge", "lt", "le", "contains", "lacks"),
  value: scalar.map((literal) => ({ literal })),
});
const compared = fc.record({
  subject,
  operator: fc.constantFrom<Operator>("eq", "lt", "in", "not_in"),
  value: fc.constantFrom({ path: "vars.limit" }, { path: "order.tags" }),
});
const listed = fc.record({
  subject,
  operator: fc.constantFrom<Operator>("in", "not_in"),
  value: fc.array(scalar, { maxLength: 3 }).map((literal) => ({ literal })),
});
const unary = fc.record({
  subject,
  operator: fc.constantFrom<Operator>("yes", "no", "empty", "filled"),
});
const begun = fc.record({
  subject,
  operator: fc.constantFrom<Operator>("starts", "ends"),
  value: fc.string().map((literal) => ({ literal })),
});
const row = fc.oneof(one, compared, listed, unary, begun);
const { group } = fc.letrec<{ group: Group; part: Part }>((tie) => ({
  part: fc.oneof({ maxDepth: 2 }, row, tie("group")),
  group: fc.record({
    join: fc.constantFrom("and" as const, "or" as const),
    parts: fc.array(tie("part"), { minLength: 2, maxLength: 3 }),
  }),
}));

test("rows are read again as they were written", () => {
  fc.assert(
    fc.property(group, (rows) => {
      expect(readCondition(writeCondition(rows))).toEqual(rows);
    }),
    { numRuns: 200 },
  );
});

test("a condition is read as people say it", () => {
  expect(readCondition(`order.total>500 and order.country in ['ES', "PT"]`)).toEqual({
    join: "and",
    parts: [
      { subject: "order.total", operator: "gt", value: { literal: 500 } },
      { subject: "order.country", operator: "in", value: { literal: ["ES", "PT"] } },
    ],
  });
  expect(readCondition('"vip" in customer.tags or not order.test')).toEqual({
    join: "or",
    parts: [
      { subject: "customer.tags", operator: "contains", value: { literal: "vip" } },
      { subject: "order.test", operator: "no" },
    ],
  });
});

test("and binds more closely than or, and brackets keep what they hold together", () => {
  const source = "a and b or c";
  expect(writeCondition(readCondition(source) as Group)).toBe("(a and b) or c");
  expect(readCondition("(a or b) and c")).toMatchObject({
    join: "and",
    parts: [{ join: "or" }, {}],
  });
});

test("an exact number stays exact", () => {
  expect(writeCondition(readCondition("order.total >= 10.10") as Group)).toBe(
    "order.total >= 10.10",
  );
});

test.each([
  "order.total * 2 > 500",
  "1 < order.total < 5",
  "not (a or b)",
  "a is defined",
  "a if b else c",
  "(order.total) > 5",
  "order.total >",
  "500 < order.total",
  'a == {"b": 1}',
  "a == none",
  'a in "text"',
  "a b",
  "“a”",
])("%s is more than rows say, and stays a formula", (source) => {
  expect(readCondition(source)).toBeNull();
});

test("a row that is not complete yet is not written", () => {
  const rows: Group = {
    join: "and",
    parts: [
      { subject: "", operator: "eq" },
      { subject: "order.total", operator: "gt" },
      { subject: "order.test", operator: "yes" },
    ],
  };
  expect(writeCondition(rows)).toBe("order.test");
});

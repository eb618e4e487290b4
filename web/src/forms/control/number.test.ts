import { expect, test } from "vitest";
import { writeJson } from "~/api/json.ts";
import { readingsOf, readNumber } from "./number.ts";

const read = (text: string, whole = false) => {
  const number = readNumber(text, whole);
  return number === null ? null : writeJson(number);
};

test.each([
  ["10.50", "10.50"],
  ["10,50", "10.50"],
  ["0.125", "0.125"],
  ["0,125", "0.125"],
  ["1500", "1500"],
  ["1.500,50", "1500.50"],
  ["1,500.50", "1500.50"],
  ["1.500.000", "1500000"],
  ["-1,500,000.5", "-1500000.5"],
  ["1 500", "1500"],
  ["1\u202f500,25 €", "1500.25"],
  ["$500", "500"],
  ["2.1250", "2.1250"],
])("%s is the number %s", (typed, number) => expect(read(typed)).toBe(number));

test.each(["1.500", "1,500", "-2.125", "1.50.0", "1.500,", "1,50,000", "500 lei", "", "01"])(
  "%s is no number, or could be two",
  (typed) => expect(read(typed)).toBeNull(),
);

test("a whole number can only have its groups", () => {
  expect(read("1.500", true)).toBe("1500");
  expect(read("1,500,000", true)).toBe("1500000");
  expect(read("1.5", true)).toBeNull();
});

test.each([
  ["1.500", "1500", "1.5"],
  ["1,500", "1500", "1.5"],
  ["2.000", "2000", "2.0"],
  ["2.125", "2125", "2.1250"],
])("%s could be %s or %s, and each of them is clear", (typed, whole, decimal) => {
  expect(readingsOf(typed)).toEqual({ whole, decimal });
  expect([read(whole), read(decimal)]).not.toContain(null);
});

test("what is clear has one reading", () => expect(readingsOf("1.500,50")).toBeNull());

import { expect, it } from "vitest";
import { guessKind } from "./key.ts";

it.each([
  ["#1042", "order_name"],
  ["1042", "order_name"],
  ["820982911946154508", "order"],
  ["ines@example.com", "email"],
  ["LAMP-01", "sku"],
])("%s is taken for a key of the kind %s", (typed, kind) => {
  expect(guessKind(typed)).toBe(kind);
});

import { expect, it } from "vitest";
import { readNames } from "./csv.ts";

it.each([
  ["", []],
  ["key,points\nana,10", ["key", "points"]],
  ["\uFEFFkey,points\r\nana,10", ["key", "points"]],
  ['key,"last, first","say ""hi"""\n', ["key", "last, first", 'say "hi"']],
  ["sku,,price,sku", ["sku", "price"]],
])("the names of %j are read", (text, names) => {
  expect(readNames(text)).toEqual(names);
});

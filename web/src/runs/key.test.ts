import { describe, expect, it } from "vitest";
import { headKeys } from "./key.ts";

const names = (pairs: [kind: string, value: string][]) =>
  headKeys(pairs.map(([kind, value]) => ({ kind, value }))).map(({ value }) => value);

describe("a run is named", () => {
  it("by order number and customer, not by their ids", () => {
    expect(
      names([
        ["order", "820982911946156310"],
        ["person", "820982911946155205"],
        ["sku", "VASE"],
        ["order_name", "#1011"],
        ["email", "ines@example.com"],
      ]),
    ).toEqual(["#1011", "ines@example.com"]);
  });

  it("by an id where there is nothing better", () => {
    expect(names([["order", "42"]])).toEqual(["42"]);
  });

  it("by each kind once", () => {
    expect(
      names([
        ["sku", "A"],
        ["sku", "B"],
        ["location", "9"],
      ]),
    ).toEqual(["A", "9"]);
  });

  it("by a kind that only its connector knows", () => {
    expect(names([["parcel_shop", "X1"]])).toEqual(["X1"]);
  });

  it("by nothing where it has no key", () => {
    expect(names([])).toEqual([]);
  });
});

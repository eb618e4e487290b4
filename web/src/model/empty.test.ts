import { expect, test } from "vitest";
import { firstEmpty } from "./empty";

const schema = {
  properties: {
    kind: { type: "string", default: "order" },
    rules: {
      type: "array",
      items: {
        properties: { port: { type: "string" }, when: { type: "boolean" } },
        required: ["when"],
      },
    },
    text: { type: "string" },
  },
  required: ["kind", "rules", "text"],
};

test("the first place to fill in is found, inside lists too, past what has a default", () => {
  expect(firstEmpty(schema, undefined)).toBe("/rules");
  const blank = { port: "path_1", when: { $expr: " " } };
  expect(firstEmpty(schema, { rules: [{ when: true }, blank] })).toBe("/rules/1/when");
  expect(firstEmpty(schema, { rules: [{ when: true }] })).toBe("/text");
  expect(firstEmpty(schema, { rules: [{ when: true }], text: "x" })).toBeNull();
});

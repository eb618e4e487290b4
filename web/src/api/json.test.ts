import fc from "fast-check";
import { expect, test } from "vitest";
import {
  LosslessNumber,
  parseAnswer,
  parseJson,
  sameJson,
  writeDocument,
  writeJson,
} from "./json.ts";

test("a number of the server's answer stays as it was written", () => {
  const text =
    '{"id":12345678901234567890,"total":10.10,"small":0.00000012,"zero":-0,"big":1e3,"list":[1.50 ,-7]}';
  expect(writeJson(parseAnswer(text))).toBe(text.replace("1.50 ,", "1.50,"));
  expect(parseAnswer("10.10")).toEqual(new LosslessNumber("10.10"));
  expect(parseAnswer(" 10.25")).toBe(10.25);
});

test("the fast way to read an answer and the exact one come to the same", () => {
  const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,18})(\.\d{1,18})?([eE][+-]?\d{1,2})?$/);
  const number = digits.map((text) => new LosslessNumber(text));
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: "small" },
      number,
      fc.string(),
      fc.constantFrom("07:24:16.450Z", "a, 1.0", '":-0'),
      fc.array(tie("any")),
      fc.dictionary(fc.string(), tie("any")),
    ),
  })).any;
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 2), (it, indent) => {
      const text = writeJson(it, indent);
      expect(writeJson(parseAnswer(text))).toBe(writeJson(parseJson(text)));
    }),
    { numRuns: 300 },
  );
});

test("an answer that is not JSON is told in the parser's own words", () => {
  expect(() => parseAnswer('{"a": }')).toThrow(/position|expected/i);
});

test("a document is written alike whether or not parts of it were written before", () => {
  const text = `{"id":"a","nodes":[{"id":820982911946154508,"sum":10.10},{}],"layout":{"a":[0,1]}}`;
  const read = parseJson(text) as { nodes: object[] };
  expect(writeDocument(read)).toBe(text);
  const changed = { ...read, nodes: read.nodes.with(1, { label: "b" }), name: undefined };
  expect(writeDocument(changed)).toBe(writeJson(changed));
});

test("two values are the same only where they are written alike", () => {
  const one = { a: [1, { b: new LosslessNumber("1.50") }], c: undefined };
  expect(sameJson(one, { a: [1, { b: new LosslessNumber("1.50") }] })).toBe(true);
  expect(sameJson(one, { a: [1, { b: 1.5 }] })).toBe(false);
  expect(sameJson({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(false);
  expect(sameJson([1], [1, 2])).toBe(false);
  expect(sameJson([], {})).toBe(false);
});

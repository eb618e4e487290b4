import { describe, expect, test } from "vitest";
import type { NodeType, ProblemWords } from "~/api/contract";
import type { Json } from "~/api/json";
import type { Problem } from "~/api/problem";
import held from "../../../test/check.json";
import { setParam } from "../edit";
import { type FlowDocument, readFlow } from "../flow";
import { perform, startHistory } from "../history";
import { nodeTypesOf } from "../port";
import { bringUpToDate, checkFlow, ownCodes } from "./check";
import { tellProblem } from "./tell";

const node_types = held.node_types as unknown as NodeType[];
const types = nodeTypesOf({ node_types });
const words = held.words as ProblemWords;
const line = (it: { path: string | null; code: string; level: string }) =>
  `${it.path} ${it.code} ${it.level}`;
const flowOf = (document: unknown): FlowDocument => readFlow(document);
const caseOf = (name: string) => {
  const found = held.cases.find((it) => it.name === name);
  if (!found) throw new Error(`no case ${name}`);
  return { flow: flowOf(found.document), problems: found.problems };
};

describe("the editor finds by itself what the server finds, in the same order", () => {
  test.each(held.cases)("$name", ({ document, problems }) => {
    const found = checkFlow(flowOf(document), types);
    const expected = problems.filter((it) => ownCodes.has(it.code));
    expect(found.map(line)).toEqual(expected.map(line));
  });
});

test("what the server alone can tell stands until its place is touched", () => {
  const { flow } = caseOf("a flow in order");
  const path = "/nodes/1/params/rules/0/when/$expr";
  const mixed: Problem = {
    path,
    code: "expression.kind_mismatch",
    message: "…",
    level: "error",
    params: {},
  };
  const looked = { flow, problems: [mixed] };
  const change = (node: string, pointer: string, value: Json) => {
    const command = setParam(flow, types, node, pointer, value);
    return command ? perform(startHistory(flow), command, 0).flow : flow;
  };
  const elsewhere = change("tell", "/text", "ho");
  expect(bringUpToDate(elsewhere, types, looked).map((it) => it.code)).toEqual([mixed.code]);
  const there = change("check", "/rules/0/when", { $expr: "true" });
  expect(bringUpToDate(there, types, looked)).toEqual([]);
});

test("problems are told in the words of the canvas, in brief at their field", () => {
  const { flow } = caseOf("required fields");
  const told = checkFlow(flow, types).map((it) => tellProblem(it, { flow, types, words }));
  const rules = told.find((it) => it.path === "/nodes/2/params/rules");
  expect(rules?.message).toBe("“Branch”: “Rules” is missing; fill it in.");
  expect(rules?.brief).toBe("“Rules” is missing; fill it in.");
  const empty = caseOf("an empty rule").flow;
  const [rule] = checkFlow(empty, types).map((it) =>
    tellProblem(it, { flow: empty, types, words }),
  );
  expect(rule?.message).toBe(
    "“Branch”, Rules 1 › When: This expression is empty; write a value or remove it.",
  );
});

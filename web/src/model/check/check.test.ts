import { describe, expect, test } from "vitest";
import type { NodeType, ProblemWords } from "~/api/contract";
import type { Json } from "~/api/json";
import type { Problem } from "~/api/problem";
import held from "../../../test/check.json";
import { setParam } from "../edit";
import { type FlowDocument, readFlow } from "../flow";
import { perform, startHistory } from "../history";
import { nodeTypesOf } from "../port";
import { wordsAtField } from "../problem";
import { bringUpToDate, checkFlow, ownCodes } from "./check";
import { tellProblem } from "./tell";

const node_types = held.node_types as unknown as NodeType[];
const types = nodeTypesOf({ node_types });
const words = held.words as ProblemWords;
const inRomanian: ProblemWords = {
  sentences: { "expression.unknown_field": "„{owner}” nu are câmpul „{field}”. Are: {names}." },
  words: {},
};
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

test("nodes that change their places under the same edges are looked over anew", () => {
  const { flow } = caseOf("a flow in order");
  checkFlow(flow, types);
  const turned = { ...flow, nodes: flow.nodes.toReversed() };
  const apart = structuredClone(turned);
  expect(checkFlow(turned, types).map(line)).toEqual(checkFlow(apart, types).map(line));
  const renamed = { ...flow, nodes: flow.nodes.map((it, at) => ({ ...it, id: `other_${at}` })) };
  expect(checkFlow(renamed, types).map((it) => it.code)).toContain("edge.node_unknown");
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

test("a field that a formula asks for is not the field in which the formula stands", () => {
  const { flow } = caseOf("an empty rule");
  const found = {
    path: "/nodes/1/params/rules/0/when/$expr",
    code: "expression.unknown_field",
    level: "error",
    message: "",
    params: {
      owner: "order",
      field: "totl",
      known: "Its fields are: currency, total and 17 more.",
      near: "total",
    },
  } as const;
  const told = tellProblem(found, { flow, types, words });
  expect(told.params.field).toBe("totl");
  const romanian = tellProblem(found, { flow, types, words: inRomanian });
  expect(romanian.brief).toBe("„order” nu are câmpul „totl”. Are: currency, total … (+17).");
  expect(wordsAtField(romanian, "Când")).toBe(romanian.brief);
});

test("choices are called what the form calls them", () => {
  const flow = flowOf({
    format: 1,
    id: "flow_1",
    name: "W",
    nodes: [{ id: "wait", type: "core.wait", params: {} }],
    edges: [],
  });
  const told = checkFlow(flow, types).map((it) => tellProblem(it, { flow, types, words }));
  const which = told.find((it) => it.code === "params.one_of");
  expect(which?.message).toBe(
    "“Wait”: Give exactly one of: How long, Until, Until an event, Until an answer.",
  );
});

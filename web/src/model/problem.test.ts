import { expect, test } from "vitest";
import { readFlow } from "./flow";
import { type Fresh, leftKey, levelsOf, type PlacedProblem, soften } from "./problem";

const flow = readFlow({
  format: 1,
  id: "flow_1",
  name: "Test",
  nodes: [
    { id: "start", type: "core.manual" },
    { id: "tell", type: "slack.post_message" },
  ],
  edges: [],
});
const missing = (node: string | null, inside: string, code = "params.missing"): PlacedProblem => ({
  node,
  inside,
  problem: { path: null, code, level: "error", params: {}, message: "" },
});
const fresh = (nodes: string[], ...left: string[]): Fresh => ({
  nodes: new Set(nodes),
  left: new Set(left),
  demanded: false,
});
const levels = (placed: PlacedProblem[], known: Fresh) =>
  soften(placed, flow, known).map((it) => it.problem.level);

test("what is missing in a new node is to be done, and a fault once its field was left", () => {
  const placed = [
    missing("tell", "/params/channel"),
    missing("tell", "/params/rules/0/when/$expr"),
  ];
  expect(levels(placed, fresh(["tell"]))).toEqual(["todo", "todo"]);
  const left = leftKey("tell", "/params/rules/0/when");
  expect(levels(placed, fresh(["tell"], left))).toEqual(["todo", "error"]);
  expect(levels(placed, fresh([]))).toEqual(["error", "error"]);
});

test("what is wrong, and not merely missing, is said of a new node too", () => {
  expect(levels([missing("tell", "/params/text", "params.type")], fresh(["tell"]))).toEqual([
    "error",
  ]);
});

test("a flow that somebody has only begun may lack its trigger", () => {
  const placed = [missing(null, "", "flow.no_trigger")];
  expect(levels(placed, fresh(["start", "tell"]))).toEqual(["todo"]);
  expect(levels(placed, fresh(["tell"]))).toEqual(["error"]);
  expect(levels(placed, { ...fresh(["start", "tell"]), demanded: true })).toEqual(["error"]);
});

test("a node shows the worst of its problems", () => {
  const soft = soften([missing("tell", "/params/channel")], flow, fresh(["tell"]));
  expect(levelsOf(soft).get("tell")).toBe("todo");
  expect(levelsOf([...soft, missing("tell", "", "node.odd")]).get("tell")).toBe("error");
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { catalog } from "../../../test/catalog";
import { flowMade } from "../../../test/flow";
import { refuseEdge } from "../edge";
import { type FlowDocument, type FlowNode, portOf } from "../flow";
import { nodeTypesOf } from "../port";
import { spotBeside } from "./beside";
import { type Item, mainPort, type Outline, outlineOf, type Step } from "./outline";
import { addStep, moveStep } from "./spot";

const types = nodeTypesOf(catalog);

const flowOf = (nodes: FlowNode[], edges: string[]): FlowDocument => ({
  format: 1,
  id: "flow_x",
  name: "x",
  nodes,
  edges: edges.map((edge) => {
    const [from = "", to = ""] = edge.split(">");
    const [id = "", port] = from.split(":");
    return { from: id, to, ...(port && { port }) };
  }),
});
const start = (id: string): FlowNode => ({ id, type: "core.manual" });
const plain = (id: string, more: Partial<FlowNode> = {}): FlowNode => ({
  id,
  type: "core.set",
  ...more,
});
const branch = (id: string, ...ports: string[]): FlowNode => ({
  id,
  type: "core.branch",
  params: { rules: ports.map((port) => ({ port, when: true })) },
});

/** Every step with its number, in reading order, and where it goes on. */
function read(flow: FlowDocument): string[] {
  const outline = outlineOf(flow, types);
  const numbers = (ids: string[]) => ids.map((id) => outline.steps.get(id)?.number).join();
  const ways = (step: Step) =>
    step.ways.flatMap((way) =>
      way.jumps.length > 0 ? [`${way.number} → ${numbers(way.jumps)}`] : [],
    );
  return [...outline.steps.values()].flatMap((step) => [
    `${step.number} ${step.id}${step.jumps.length > 0 ? ` → ${numbers(step.jumps)}` : ""}${step.ends ? " ends" : ""}`,
    ...ways(step),
  ]);
}

test("a line of steps is numbered from one", () => {
  expect(read(flowOf([start("a"), plain("b"), plain("c")], ["a>b", "b>c"]))).toEqual([
    "1 a",
    "2 b",
    "3 c",
  ]);
});

test("the ways of a branch are letters, and what they meet at is told after both", () => {
  const nodes = [start("a"), branch("b", "vip"), plain("c"), plain("d"), plain("e")];
  expect(read(flowOf(nodes, ["a>b", "b:vip>c", "b:else>d", "c>e", "d>e"]))).toEqual([
    "1 a",
    "2 b",
    "2a.1 c → 3",
    "2b.1 d → 3",
    "3 e",
  ]);
});

test("a way that leads straight on says where, and one that ends says so", () => {
  const nodes = [start("a"), branch("b", "x", "y"), plain("c"), plain("d"), plain("e")];
  const edges = ["a>b", "b:x>c", "b:y>e", "b:else>d", "c>e"];
  expect(read(flowOf(nodes, edges))).toEqual([
    "1 a",
    "2 b",
    "2b → 3",
    "2a.1 c → 3",
    "2c.1 d ends",
    "3 e",
  ]);
});

test("what begins side by side shares a number, and is lettered", () => {
  const nodes = [start("a"), plain("b"), plain("c"), plain("d"), plain("e")];
  expect(read(flowOf(nodes, ["a>b", "a>c", "c>d", "b>e", "d>e"]))).toEqual([
    "1 a",
    "2a b → 3",
    "2b.1 c",
    "2b.2 d → 3",
    "3 e",
  ]);
});

test("what two ways meet at is told after both, whatever else they lead to", () => {
  const nodes = ["a", "b", "c", "d", "e"].map((id) => (id === "a" ? start(id) : plain(id)));
  expect(read(flowOf(nodes, ["a>b", "a>c", "b>d", "c>d", "c>e"]))).toEqual([
    "1 a",
    "2a b → 3",
    "2b.1 c → 3",
    "2b.2 e ends",
    "3 d",
  ]);
});

test("several triggers are one start, and what nothing leads to comes last", () => {
  const nodes = [plain("lost"), start("a"), start("b"), plain("c"), plain("more")];
  const flow = flowOf(nodes, ["a>c", "b>c", "lost>more"]);
  expect(read(flow)).toEqual(["1a a → 2", "1b b → 2", "2 c", "3 lost", "4 more"]);
  expect(outlineOf(flow, types).loose).toHaveLength(2);
});

test("a loop's body is numbered under it, loops in loops too", () => {
  const nodes: FlowNode[] = [
    start("a"),
    { id: "outer", type: "core.for_each" },
    { id: "inner", type: "core.for_each", inside: "outer" },
    plain("x", { inside: "inner" }),
    plain("y", { inside: "inner" }),
    plain("after"),
  ];
  expect(read(flowOf(nodes, ["a>outer", "x>y", "outer:done>after"]))).toEqual([
    "1 a",
    "2 outer",
    "2.1 inner",
    "2.1.1 x",
    "2.1.2 y",
    "3 after",
  ]);
});

test("the way of an error is told under its step, before what follows", () => {
  const nodes = [start("a"), plain("b", { on_error: "branch" }), plain("c"), plain("d")];
  expect(read(flowOf(nodes, ["a>b", "b>c", "b:error>d"]))).toEqual([
    "1 a",
    "2 b",
    "2a.1 d ends",
    "3 c",
  ]);
});

test("a document that goes in circles, or whose loops hold themselves, is told all the same", () => {
  const nodes = [
    start("a"),
    plain("b"),
    plain("c", { inside: "d" }),
    plain("d", { inside: "c" }),
    plain("e", { inside: "gone" }),
  ];
  const outline = outlineOf(flowOf(nodes, ["a>b", "b>b", "c>d", "d>c", "b>gone"]), types);
  expect([...outline.steps.keys()].sort()).toEqual(["a", "b", "c", "d", "e"]);
});

test("a line of a thousand branches, each in a way of the one before, is told", () => {
  const nodes = [start("a")];
  const edges: string[] = [];
  for (let index = 0; index < 1000; index += 1) {
    nodes.push(branch(`b${index}`, "x"));
    edges.push(index === 0 ? "a>b0" : `b${index - 1}:x>b${index}`);
  }
  expect(outlineOf(flowOf(nodes, edges), types).steps.size).toBe(1001);
});

/** Every step as often as it is said, in the order of reading. */
function said(outline: Outline): string[] {
  const list = (items: readonly Item[]): string[] =>
    items.flatMap((item) =>
      item.kind === "side"
        ? item.tracks.flatMap(list)
        : [item.id, ...item.ways.flatMap((way) => list(way.items))],
    );
  return [...list(outline.items), ...list(outline.loose)];
}

test("every node of any flow is said exactly once, and in an order that its edges allow", () => {
  fc.assert(
    fc.property(flowMade, (flow) => {
      const outline = outlineOf(flow, types);
      const order = said(outline);
      expect([...order].sort()).toEqual(flow.nodes.map((node) => node.id).sort());
      expect([...outline.steps.keys()].sort()).toEqual([...order].sort());
      for (const edge of flow.edges) {
        expect(order.indexOf(edge.from)).toBeLessThan(order.indexOf(edge.to));
      }
      const numbers = [...outline.steps.values()].map((step) => step.number);
      expect(new Set(numbers).size).toBe(numbers.length);
    }),
    { numRuns: 300 },
  );
});

/** The steps that come next after each in its own list, and first in each of its ways. */
function followed(outline: Outline): Map<string, Set<string>> {
  const next = new Map<string, Set<string>>();
  const heads = (item: Item | undefined): string[] => {
    if (!item) return [];
    return item.kind === "step" ? [item.id] : item.tracks.flatMap((track) => heads(track[0]));
  };
  const list = (items: readonly Item[]) => {
    for (const [index, item] of items.entries()) {
      if (item.kind === "side") {
        for (const track of item.tracks) list(track);
        continue;
      }
      next.set(item.id, new Set(heads(items[index + 1])));
      for (const way of item.ways) {
        for (const id of heads(way.items[0])) next.get(item.id)?.add(id);
        list(way.items);
      }
    }
  };
  list(outline.items);
  list(outline.loose);
  return next;
}

test("every edge of any flow is said: by what comes next, or by where it continues", () => {
  fc.assert(
    fc.property(flowMade, (flow) => {
      const outline = outlineOf(flow, types);
      const next = followed(outline);
      for (const edge of flow.edges) {
        const step = outline.steps.get(edge.from);
        const node = flow.nodes.find((it) => it.id === edge.from) as FlowNode;
        const way = step?.ways.find((it) => it.port === portOf(edge));
        const jumps = portOf(edge) === mainPort(node, types) ? step?.jumps : way?.jumps;
        const plainly = next.get(edge.from)?.has(edge.to) ?? false;
        expect(plainly || jumps?.includes(edge.to)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

/** No edge of a flow that could not be drawn. */
function expectLegal(flow: FlowDocument): void {
  for (const edge of flow.edges) {
    const rest = { ...flow, edges: flow.edges.filter((it) => it !== edge) };
    expect(refuseEdge(rest, types, edge)).toBeNull();
  }
}

test("a step that is moved up or down leaves a flow that may be, and undoing gives the old one", () => {
  fc.assert(
    fc.property(flowMade, fc.nat(), fc.boolean(), (flow, which, down) => {
      const outline = outlineOf(flow, types);
      const id = flow.nodes[which % flow.nodes.length]?.id ?? "";
      const spot = spotBeside(flow, types, outline, id, down);
      const command = spot && moveStep(flow, types, outline, id, spot);
      if (!command) return;
      const next = command.apply(flow);
      expectLegal(next);
      expect(next.nodes.map((node) => node.id)).toEqual(flow.nodes.map((node) => node.id));
      expect(JSON.stringify(command.undo(next))).toBe(JSON.stringify(flow));
    }),
    { numRuns: 300 },
  );
});

test("a step goes into no box while another of its ways leads to what stays outside", () => {
  const flow: FlowDocument = {
    format: 1,
    id: "flow_x",
    name: "x",
    nodes: [
      { id: "first", type: "core.set" },
      { id: "each", type: "core.for_each" },
      { id: "then", type: "core.set", on_error: "branch" },
      { id: "both", type: "core.set" },
    ],
    edges: [
      { from: "each", port: "done", to: "then" },
      { from: "then", port: "error", to: "both" },
      { from: "first", to: "both" },
    ],
  };
  const outline = outlineOf(flow, types);
  expect(moveStep(flow, types, outline, "then", { kind: "inside", loop: "each" })).toBeNull();
});

test("a step added anywhere is said where it was asked for", () => {
  fc.assert(
    fc.property(flowMade, fc.nat(), (flow, which) => {
      const node = flow.nodes[which % flow.nodes.length] as FlowNode;
      const port = mainPort(node, types) ?? "else";
      const added = addStep(flow, types, "core.set", { kind: "after", node: node.id, port });
      const next = added.command?.apply(flow) as FlowDocument;
      expectLegal(next);
      expect(next.edges).toContainEqual(
        port === "out" ? { from: node.id, to: added.id } : { from: node.id, port, to: added.id },
      );
      // What followed the step follows the new one.
      const old = flow.edges.filter((edge) => edge.from === node.id && portOf(edge) === port);
      for (const edge of old) {
        expect(next.edges).toContainEqual({ from: added.id, to: edge.to });
      }
    }),
    { numRuns: 200 },
  );
});

test("a step goes line by line down through a branch and out of it again", () => {
  let flow = flowOf(
    [start("a"), plain("s"), branch("b", "x"), plain("c"), plain("d"), plain("e")],
    ["a>s", "s>b", "b:x>c", "b:else>d", "c>e", "d>e"],
  );
  const seen: string[] = [];
  for (;;) {
    const outline = outlineOf(flow, types);
    seen.push(outline.steps.get("s")?.number ?? "");
    const spot = spotBeside(flow, types, outline, "s", true);
    const command = spot && moveStep(flow, types, outline, "s", spot);
    if (!command) break;
    flow = command.apply(flow);
  }
  expect(seen).toEqual(["2", "2a.1", "2a.2", "2b.1", "2b.2", "3", "4"]);
});

test("a branch is moved with what stands in its ways, and its ends lead on", () => {
  const flow = flowOf(
    [start("a"), branch("b", "x"), plain("c"), plain("d")],
    ["a>d", "d>b", "b:x>c"],
  );
  const outline = outlineOf(flow, types);
  const command = moveStep(flow, types, outline, "b", { kind: "before", node: "d" });
  expect(read(command?.apply(flow) as FlowDocument)).toEqual([
    "1 a",
    "2 b",
    "2b → 3",
    "2a.1 c → 3",
    "3 d",
  ]);
});

test("ways that cross without an end in common stay side by side", () => {
  const nodes = ["a", "b", "c", "d", "e"].map((id) => (id === "a" ? start(id) : plain(id)));
  const edges = ["a>b", "a>c", "b>d", "c>d", "c>e", "a>e"];
  expect(read(flowOf(nodes, edges))).toEqual([
    "1 a → 2d",
    "2a b → 2c",
    "2b c → 2c,2d",
    "2c d",
    "2d e",
  ]);
});

import { expect, test } from "vitest";
import type { FlowDocument } from "./flow";
import { nodeBeyond, waysBack, waysOn } from "./walk";

const flow: FlowDocument = {
  format: 1,
  id: "flow_walk",
  name: "Walk",
  nodes: [
    { id: "order", type: "shop.order" },
    { id: "check", type: "core.branch" },
    { id: "lines", type: "core.for_each" },
    { id: "reserve", type: "wms.reserve", inside: "lines" },
    { id: "note", type: "core.log", inside: "lines" },
    { id: "tell", type: "chat.post" },
  ],
  edges: [
    { from: "order", to: "check" },
    { from: "check", port: "vip", to: "lines" },
    { from: "check", port: "else", to: "tell" },
    { from: "reserve", to: "note" },
    { from: "lines", port: "done", to: "tell" },
  ],
  layout: {
    order: [0, 0],
    check: [300, 0],
    lines: [600, 0],
    reserve: [600, 120],
    note: [900, 120],
    tell: [1000, 0],
  },
};

const targets = (ways: { to: string }[]) => ways.map((way) => way.to);

test("the ways on are the edges in their order, with the port that each leaves from", () => {
  expect(waysOn(flow, "check")).toEqual([
    { to: "lines", edge: "check:vip>lines", port: "vip" },
    { to: "tell", edge: "check:else>tell", port: "else" },
  ]);
});

test("from a loop one walks in first, and then on; from its first node out again", () => {
  expect(targets(waysOn(flow, "lines"))).toEqual(["reserve", "tell"]);
  expect(targets(waysBack(flow, "reserve"))).toEqual(["lines"]);
  expect(targets(waysBack(flow, "note"))).toEqual(["reserve"]);
});

test("a node that several lead to has several ways back, and the first node none", () => {
  expect(targets(waysBack(flow, "tell"))).toEqual(["check", "lines"]);
  expect(waysBack(flow, "order")).toEqual([]);
});

test("up and down go to what stands nearest, straight before aside", () => {
  expect(nodeBeyond(flow, "lines", true)).toBe("reserve");
  expect(nodeBeyond(flow, "note", false)).toBe("tell");
  expect(nodeBeyond(flow, "order", false)).toBeNull();
});

import { expect, test } from "vitest";
import { writeJson } from "~/api/json";
import { catalog } from "../../test/catalog";
import { boxAt, mayStand, setInside } from "./box";
import { dropAll } from "./drop";
import { addNode } from "./edit";
import { type FlowDocument, findNode, readFlow } from "./flow";
import { loopBoxes, shownPositions } from "./place";
import { nodeTypesOf } from "./port";

const types = nodeTypesOf(catalog);

const flow = readFlow({
  format: 1,
  id: "flow_1",
  name: "Test",
  nodes: [
    { id: "order", type: "shopify.order_created" },
    { id: "parcels", type: "core.for_each" },
    { id: "lines", type: "core.for_each", inside: "parcels" },
    { id: "words", type: "core.set", inside: "lines" },
    { id: "tell", type: "slack.post_message" },
    { id: "note", type: "core.set" },
  ],
  edges: [
    { from: "order", to: "parcels" },
    { from: "parcels", port: "done", to: "tell" },
    { from: "tell", to: "note" },
  ],
  layout: {
    order: [0, 0],
    parcels: [400, 0],
    lines: [440, 200],
    words: [480, 400],
    tell: [1200, 0],
    note: [1600, 0],
  },
});
const boxes = (of: FlowDocument) => loopBoxes(of, types, (id) => shownPositions(of).get(id));
const drop = (of: FlowDocument, places: Record<string, [number, number]>) =>
  dropAll(of, types, { nodes: places })?.apply(of) ?? of;

test("a loop without anything inside has an empty box below it", () => {
  const bare = readFlow({
    format: 1,
    id: "flow_1",
    name: "Test",
    nodes: [{ id: "each", type: "core.for_each" }],
    edges: [],
    layout: { each: [0, 0] },
  });
  expect(boxes(bare)).toMatchObject([{ id: "each", empty: true }]);
  const [box] = boxes(bare);
  expect(box?.y).toBeGreaterThan(64);
  const added = addNode(bare, types, "core.set", [20, 140], undefined, "each");
  const filled = added.command?.apply(bare) ?? bare;
  expect(findNode(filled, added.id)?.inside).toBe("each");
  expect(boxes(filled)[0]?.empty).toBeUndefined();
});

test("the innermost box at a point is found, outside of all there is none", () => {
  expect(boxAt(flow, types, [600, 430])).toBe("lines");
  expect(boxAt(flow, types, [600, 230])).toBe("parcels");
  expect(boxAt(flow, types, [0, 900])).toBeNull();
});

test("a node dragged into a box stands inside it, and its line closes behind it", () => {
  const next = drop(flow, { tell: [480, 420] });
  expect(findNode(next, "tell")?.inside).toBe("lines");
  expect(next.edges).toEqual([
    { from: "order", to: "parcels" },
    { from: "parcels", port: "done", to: "note" },
  ]);
});

test("a node dragged out stands outside, and undo brings all of it back byte for byte", () => {
  const command = dropAll(flow, types, { nodes: { words: [1200, 600] } });
  const next = command?.apply(flow) ?? flow;
  expect(findNode(next, "words")).toEqual({ id: "words", type: "core.set" });
  expect(command && writeJson(command.undo(next))).toBe(writeJson(flow));
});

test("a loop that is dragged takes along what stands inside, and stays what it was", () => {
  const next = drop(flow, { parcels: [400, 1000] });
  expect(next.layout).toMatchObject({ lines: [440, 1200], words: [480, 1400] });
  expect(next.nodes).toEqual(flow.nodes);
});

test("a trigger stands in no box, and no loop in itself or in what it holds", () => {
  expect(findNode(drop(flow, { order: [480, 420] }), "order")?.inside).toBeUndefined();
  expect(mayStand(flow, types, "parcels", "lines")).toBe(false);
  expect(setInside(flow, types, "parcels", "parcels")).toBeNull();
});

test("several nodes that are dragged in together keep the edges between them", () => {
  const next = drop(flow, { tell: [480, 420], note: [800, 420] });
  expect(findNode(next, "note")?.inside).toBe("lines");
  expect(next.edges).toEqual([
    { from: "order", to: "parcels" },
    { from: "tell", to: "note" },
  ]);
});

test("a node moved within what is seen of its box stays in it, however few stand there", () => {
  const next = drop(flow, { words: [540, 410] });
  expect(findNode(next, "words")?.inside).toBe("lines");
});

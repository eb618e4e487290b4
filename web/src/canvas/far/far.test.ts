import { expect, test } from "vitest";
import type { NodeType } from "~/api/contract.ts";
import type { NodeState } from "~/runs/state.ts";
import { drawLines, drawShapes, nothing, type Selection } from "../shape.ts";
import { onlyAtHand } from "./far.ts";
import { boxInk, type Look, lineInk } from "./picture.ts";

const count = 400;
const flow = {
  format: 1,
  id: "flow_many",
  name: "Many",
  nodes: Array.from({ length: count }, (_, at) => ({ id: `n${at}`, type: "core.log" })),
  edges: [{ from: "n0", to: "n1" }],
  notes: [{ id: "note_1", text: "Hello", at: [0, 0], size: [200, 100] }],
};

const shapesWith = (selection: Selection) =>
  drawShapes({ flow, types: new Map(), levels: new Map(), selection }, new Map());
const drawnOf = (selection: Selection, named: string[]) =>
  onlyAtHand(shapesWith(selection), new Set(named))
    .filter((shape) => !shape.hidden)
    .map((shape) => shape.id);
const choosing = (many: number): Selection => ({
  nodes: new Set(Array.from({ length: many }, (_, at) => `n${at + 100}`)),
  edges: new Set(),
});

test("from afar notes, the node that is pointed at and its neighbours are drawn, and no others", () => {
  expect(drawnOf(nothing, ["n7"])).toEqual(["note:note_1", "n6", "n7", "n8"]);
});

test("a few chosen nodes are drawn as nodes, hundreds in the picture only", () => {
  expect(drawnOf(choosing(2), [])).toEqual(["note:note_1", "n100", "n101"]);
  expect(drawnOf(choosing(200), [])).toEqual(["note:note_1"]);
});

test("a shape that is put away is the same object until it changes", () => {
  const shapes = shapesWith(nothing);
  const [first, second] = [onlyAtHand(shapes, new Set()), onlyAtHand(shapes, new Set(["n9"]))];
  expect(first[300]).toBe(second[300]);
});

const idle: Look = { stateOf: null, open: null, cut: new Set() };

test("the picture's colours say what is chosen, wrong, and how a run is doing", () => {
  const types = new Map([["core.log", { kind: "action", ports: [] } as unknown as NodeType]]);
  const levels = new Map([["n1", "error" as const]]);
  const selection = { nodes: new Set(["n2"]), edges: new Set<string>() };
  const drawn = { flow, types, levels, selection };
  const boxes = drawShapes(drawn, new Map()).filter((shape) => shape.type === "box");
  expect(boxes.slice(0, 3).map((box) => boxInk(box, idle))).toEqual(["plain", "bad", "chosen"]);
  const states = { n0: { state: "succeeded", ports: { out: 1 } } } as unknown as Record<
    string,
    NodeState
  >;
  const running: Look = { ...idle, stateOf: (id) => states[id] };
  expect(boxes.slice(0, 2).map((box) => boxInk(box, running))).toEqual(["ok", "pale"]);
  const [line] = drawLines(drawn, new Map());
  if (!line) throw new Error("The flow has an edge.");
  expect([lineInk(line, idle), lineInk(line, running)]).toEqual(["edge", "ok"]);
  expect(lineInk(line, { ...idle, cut: new Set([line.id]) })).toBe("bad");
});

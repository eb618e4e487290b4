import { expect, test } from "vitest";
import { catalog } from "../../test/catalog";
import { setField, setParam } from "../model/edit";
import { type FlowDocument, readFlow } from "../model/flow";
import { nodeTypesOf } from "../model/port";
import { drawLines, drawnAlike, drawShapes, nothing, type Shape } from "./shape";

const types = nodeTypesOf(catalog);
const flow = readFlow({
  format: 1,
  id: "flow_shape",
  name: "Shape",
  nodes: [
    { id: "start", type: "core.manual" },
    { id: "check", type: "core.branch", params: { rules: [{ port: "yes" }] } },
    { id: "tell", type: "core.log", params: { message: "hello" } },
  ],
  edges: [],
  layout: { start: [0, 0], check: [340, 0], tell: [680, 0] },
});

const draw = (of: FlowDocument, before: Shape[] = []) =>
  drawShapes(
    { flow: of, types, levels: new Map(), selection: nothing },
    new Map(before.map((shape) => [shape.id, shape])),
  );
const changed = (before: Shape[], after: Shape[]) =>
  after.filter((shape, index) => shape !== before[index]).map((shape) => shape.id);

test("what is typed into a node leaves every box as it is; its name and its ways out do not", () => {
  const first = draw(flow);
  const typed = setParam(flow, types, "tell", "/message", "hello there")?.apply(flow) ?? flow;
  expect(typed).not.toBe(flow);
  const second = draw(typed, first);
  expect(changed(first, second)).toEqual([]);
  const named = setField(typed, "tell", "label", "Greet")?.apply(typed) ?? typed;
  expect(changed(second, draw(named, second))).toEqual(["tell"]);
  const ways = [{ port: "yes" }, { port: "no" }];
  const wider = setParam(typed, types, "check", "/rules", ways)?.apply(typed) ?? typed;
  expect(changed(second, draw(wider, second))).toEqual(["check"]);
});

test("a document is drawn like another one where nothing that is seen of it has changed", () => {
  const typed = setParam(flow, types, "tell", "/message", "hello there")?.apply(flow) ?? flow;
  const named = setField(flow, "tell", "label", "Greet")?.apply(flow) ?? flow;
  const wider = setParam(flow, types, "check", "/rules", [{ port: "no" }])?.apply(flow) ?? flow;
  expect(drawnAlike(flow, typed, types)).toBe(true);
  expect(drawnAlike(flow, named, types)).toBe(false);
  expect(drawnAlike(flow, wider, types)).toBe(false);
  expect(drawnAlike(flow, { ...flow, layout: {} }, types)).toBe(false);
});

test("a node's new name leaves every edge as it is", () => {
  const joined = { ...flow, edges: [{ from: "start", to: "tell" }] };
  const draw = (of: FlowDocument, before = new Map()) =>
    drawLines({ flow: of, types, levels: new Map(), selection: nothing }, before);
  const lines = draw(joined);
  const named = setField(joined, "tell", "label", "Greet")?.apply(joined) ?? joined;
  expect(draw(named, new Map(lines.map((line) => [line.id, line])))[0]).toBe(lines[0]);
});

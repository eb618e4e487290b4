import { expect, test } from "vitest";
import { catalog } from "../../test/catalog";
import { setField, setParam } from "../model/edit";
import { type FlowDocument, readFlow } from "../model/flow";
import { nodeTypesOf } from "../model/port";
import { drawShapes, nothing, type Shape } from "./shape";

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

import { expect, test } from "vitest";
import { writeJson } from "~/api/json";
import { catalog } from "../../test/catalog";
import { copyTo, dropAll, nudge, standsOn } from "./drop";
import { type FlowDocument, findNode, readFlow } from "./flow";
import { perform, startHistory, undo } from "./history";
import { notesOf } from "./note";
import { nodeTypesOf } from "./port";

const types = nodeTypesOf(catalog);
const flow = readFlow({
  format: 1,
  id: "flow_drop",
  name: "Drop",
  nodes: [
    { id: "start", type: "core.manual" },
    { id: "each", type: "core.for_each", params: { items: { $expr: "start.items" } } },
    { id: "inner", type: "core.log", inside: "each", params: { message: { $expr: "each.total" } } },
    { id: "tell", type: "core.log", params: { message: "hello" } },
  ],
  edges: [
    { from: "start", to: "each" },
    { from: "each", port: "done", to: "tell" },
  ],
  layout: { start: [0, 0], each: [340, 0], inner: [380, 200], tell: [900, 0] },
  notes: [{ id: "note_1", text: "Ask Ana", at: [0, 400], size: [240, 160] }],
});
const after = (of: FlowDocument, command: ReturnType<typeof nudge>) => command?.apply(of) ?? of;

test("what stands inside a loop, and notes, are nudged along, and pressing on is one step", () => {
  const chosen = { nodes: new Set(["each"]), notes: new Set(["note_1"]) };
  let history = startHistory(flow);
  for (let times = 0; times < 3; times += 1) {
    const command = nudge(history.flow, types, chosen, [8, -8]);
    if (command) history = perform(history, command, 10 * times);
  }
  expect(history.flow.layout).toMatchObject({ each: [364, -24], inner: [404, 176] });
  expect(notesOf(history.flow)[0]?.at).toEqual([24, 376]);
  expect(history.done).toHaveLength(1);
  expect(writeJson(undo(history).flow)).toBe(writeJson(flow));
});

test("a copy of a loop takes a copy of what stands inside along, and leaves both where they are", () => {
  const drop = { nodes: { each: [340, 600] as [number, number] }, grabbed: "each" };
  const { command, ids } = copyTo(flow, types, drop);
  const next = after(flow, command);
  expect(ids).toHaveLength(2);
  const [loop = "", inner = ""] = ids;
  expect(next.layout).toMatchObject({ ...flow.layout, [loop]: [340, 600], [inner]: [380, 800] });
  expect(findNode(next, inner)?.inside).toBe(loop);
  expect(findNode(next, inner)?.params).toEqual({ message: { $expr: `${loop}.total` } });
  expect(next.edges).toEqual(flow.edges);
});

test("a copy that is dropped on an edge stands in its line, and one note is copied as one note", () => {
  const drop = {
    nodes: { tell: [200, 0] as [number, number] },
    notes: { note_1: [300, 400] as [number, number] },
    grabbed: "tell",
    edge: "start:out>each",
  };
  const { command, ids, notes } = copyTo(flow, types, drop);
  const next = after(flow, command);
  const [copy = ""] = ids;
  expect(next.edges.map(({ from, to }) => `${from}>${to}`)).toEqual([
    `start>${copy}`,
    "each>tell",
    `${copy}>each`,
  ]);
  expect(notesOf(next).map((note) => note.at)).toEqual([
    [0, 400],
    [300, 400],
  ]);
  expect(notes).toEqual([notesOf(next)[1]?.id]);
  expect(copyTo(flow, types, { nodes: {} }).command).toBeNull();
});

test("a node from outside may be let go of on an edge within a loop: it goes in and stands in its line", () => {
  const nodes = [
    ...flow.nodes,
    { id: "next", type: "core.log", inside: "each" },
    { id: "free", type: "core.log" },
  ];
  const edges = [...flow.edges, { from: "inner", to: "next" }];
  const layout = { ...flow.layout, next: [800, 200], free: [0, 800] } as Record<
    string,
    [number, number]
  >;
  const before = { ...flow, nodes, edges, layout };
  const [place, edge] = [[590, 200] as [number, number], "inner:out>next"];
  expect(standsOn(before, types, "free", place, edge)).toBe(true);
  const next = after(
    before,
    dropAll(before, types, { nodes: { free: place }, grabbed: "free", edge }),
  );
  expect(findNode(next, "free")?.inside).toBe("each");
  expect(next.edges).toEqual([
    ...flow.edges,
    { from: "inner", to: "free" },
    { from: "free", to: "next" },
  ]);
  // Beside the box it stays outside, and no edge crosses the border.
  expect(standsOn(before, types, "free", [590, 900], edge)).toBe(false);
});

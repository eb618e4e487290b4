import { expect, test } from "vitest";
import { catalog } from "../../test/catalog";
import { align, distribute } from "./align";
import { copyChosen, paste, readCopied } from "./clipboard";
import { dropAll } from "./drop";
import * as edit from "./edit";
import { type FlowDocument, findNode, type Position, readFlow } from "./flow";
import { drawnNotes, groupNodes, placesOf, ungroup } from "./group";
import { addNote, changeNote, freeNotePlace, notesOf } from "./note";
import { nodeTypesOf } from "./port";
import { contains } from "./rect";
import { detach, spliced } from "./splice";

const types = nodeTypesOf(catalog);

const flow = readFlow({
  format: 1,
  id: "flow_1",
  name: "Test",
  nodes: [
    { id: "order", type: "shopify.order_created" },
    { id: "one", type: "core.set", label: "First" },
    { id: "two", type: "core.set", params: { a: { $expr: "one.total" } } },
    { id: "three", type: "core.set", inside: "each" },
    { id: "each", type: "core.for_each" },
    { id: "alone", type: "core.set", connection: "conn_1" },
  ],
  edges: [
    { from: "order", to: "one" },
    { from: "one", to: "two", mine: 1 },
    { from: "two", to: "each" },
  ],
  layout: {
    order: [0, 0],
    one: [400, 8],
    two: [830, 0],
    each: [1200, 4],
    three: [1220, 160],
    alone: [400, 600],
  },
});
const ids = (...names: string[]) => new Set(names);
const after = (of: FlowDocument, command: { apply: (of: FlowDocument) => FlowDocument } | null) =>
  command?.apply(of) ?? of;
const placeOf = (of: FlowDocument, id: string) => of.layout?.[id] as unknown as Position;

const grouped = after(flow, groupNodes(flow, types, ids("one", "two")).command);
const group = notesOf(grouped)[0]?.id ?? "";

test("a group's frame goes around its nodes, and around the box of a loop among them", () => {
  const made = after(flow, groupNodes(flow, types, ids("each")).command);
  const [frame] = drawnNotes(made, types, placesOf(made));
  const [x, y] = placeOf(made, "three");
  expect(frame && contains(frame.rect, { x, y, width: 248, height: 64 })).toBe(true);
});

test("a frame that is dragged takes along its nodes and the notes that lie in it", () => {
  const noted = after(grouped, addNote(grouped, [500, 20], "Ask Ana").command);
  const small = after(noted, changeNote(noted, "note_2", { size: [120, 40] }));
  const [frame] = notesOf(small);
  const at: Position = [(frame?.at[0] ?? 0) + 100, (frame?.at[1] ?? 0) + 50];
  const next = after(small, dropAll(small, types, { nodes: {}, notes: { [group]: at } }));
  expect(placeOf(next, "one")).toEqual([500, 58]);
  expect(placeOf(next, "two")).toEqual([930, 50]);
  expect(placeOf(next, "order")).toEqual([0, 0]);
  expect(notesOf(next)[1]?.at).toEqual([600, 70]);
});

test("a node dragged into a frame joins the group, and one dragged out leaves it", () => {
  const joined = after(grouped, dropAll(grouped, types, { nodes: { alone: [500, 40] } }));
  expect(notesOf(joined)[0]?.nodes).toEqual(["one", "two", "alone"]);
  const left = after(joined, dropAll(joined, types, { nodes: { one: [400, 900] } }));
  expect(notesOf(left)[0]?.nodes).toEqual(["two", "alone"]);
});

test("a group goes with its last node, and a group that is taken away leaves its nodes", () => {
  const gone = after(grouped, edit.removeNodes(grouped, types, ["one", "two"]));
  expect(notesOf(gone)).toEqual([]);
  const free = after(grouped, ungroup(grouped, ids(group)));
  expect(free.nodes).toEqual(flow.nodes);
  expect(notesOf(free)).toEqual([]);
});

test("deleting a group deletes what it holds and heals the line", () => {
  const chosen = { nodes: ids(), edges: ids(), notes: ids(group) };
  const next = after(grouped, edit.removeChosen(grouped, types, chosen));
  expect(next.nodes.map((node) => node.id)).not.toContain("one");
  expect(next.edges).toEqual([{ from: "order", to: "each" }]);
});

test("nodes taken out of a line leave it closed, and keep the edges among themselves", () => {
  const next = after(flow, detach(flow, types, ids("one", "two")));
  expect(next.edges).toEqual([
    { from: "one", to: "two", mine: 1 },
    { from: "order", to: "each" },
  ]);
});

test("a node dropped on an edge stands in the middle of it", () => {
  const next = spliced(flow, types, "alone", "one:out>two");
  expect(next?.edges).toEqual([
    { from: "order", to: "one" },
    { from: "one", to: "alone", mine: 1 },
    { from: "two", to: "each" },
    { from: "alone", to: "two" },
  ]);
  expect(spliced(flow, types, "one", "two:out>each")).toBeNull();
  expect(spliced(flow, types, "three", "one:out>two")).toBeNull();
  expect(spliced(flow, types, "order", "one:out>two")).toBeNull();
});

test("a node dragged out of its line and onto another edge is one step of the history", () => {
  const drop = {
    nodes: { one: [1000, 0] as Position },
    grabbed: "one",
    detach: true,
    edge: "two:out>each",
  };
  const command = dropAll(flow, types, drop);
  expect(after(flow, command).edges).toEqual([
    { from: "two", to: "one" },
    { from: "order", to: "two" },
    { from: "one", to: "each" },
  ]);
});

test("nodes are lined up, and spaced evenly, loops with what they hold", () => {
  const all = ids("order", "one", "two", "each", "three");
  const lined = after(flow, align(flow, types, all, "top"));
  expect(["order", "one", "two", "each"].map((id) => placeOf(lined, id)[1])).toEqual([0, 0, 0, 0]);
  expect(placeOf(lined, "three")).toEqual([1220, 156]);
  const spaced = after(flow, distribute(flow, types, all, "across"));
  expect(["order", "one", "two", "each"].map((id) => placeOf(spaced, id)[0])).toEqual([
    0, 400, 800, 1200,
  ]);
  expect(align(flow, types, ids("one"), "top")).toBeNull();
});

test("a pasted part says what could not come along", () => {
  const text = copyChosen(flow, { nodes: ids("two", "three", "alone"), edges: ids() });
  const other = readFlow({ format: 1, id: "flow_2", name: "Other", nodes: [], edges: [] });
  const part = readCopied(text);
  const here = { types: new Map([...types].slice(0, 4)), connections: ids("conn_2") };
  const { lost, command } = paste(other, part as FlowDocument, [0, 0], here);
  expect(lost.map(({ what, name }) => `${what} ${name}`)).toEqual([
    "variable one",
    "type core.set",
    "type core.set",
    "loop each",
    "type core.set",
    "connection conn_1",
  ]);
  const next = after(other, command);
  expect(findNode(next, "alone")?.connection).toBeUndefined();
});

test("a copied group is pasted around the copies of its nodes", () => {
  const text = copyChosen(grouped, { nodes: ids(), edges: ids(), notes: ids(group) });
  const part = readCopied(text) as FlowDocument;
  const pasted = paste(grouped, part, null, { types, connections: null });
  const next = after(grouped, pasted.command);
  expect(notesOf(next).map((note) => note.nodes)).toEqual([
    ["one", "two"],
    ["set", "set_2"],
  ]);
});

test("a note that nobody has a place for stands above everything, and the next one above it", () => {
  const first = freeNotePlace(flow);
  expect(first[1] + 160).toBeLessThan(0);
  const second = freeNotePlace(after(flow, addNote(flow, first, "One").command));
  expect(second[1] + 160).toBeLessThan(first[1]);
});

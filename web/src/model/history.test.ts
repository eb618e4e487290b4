import fc from "fast-check";
import { expect, test } from "vitest";
import { type Json, parseJson, writeJson } from "~/api/json";
import { catalog } from "../../test/catalog";
import { align, distribute } from "./align";
import { copyChosen, duplicate, paste, readCopied } from "./clipboard";
import { type Command, command } from "./command";
import { dropAll } from "./drop";
import * as edit from "./edit";
import { edgeKey, type FlowDocument, readFlow } from "./flow";
import { groupNodes, ungroup } from "./group";
import { complete, perform, redo, startHistory, undo } from "./history";
import { addNote, changeNote, notesOf, removeNotes } from "./note";
import { nodeTypesOf } from "./port";
import { detach, spliced } from "./splice";

const types = nodeTypesOf(catalog);
const names = [...types.keys()];

const start = readFlow(
  parseJson(`{"format":1,"id":"flow_1","name":"T","nodes":[
    {"id":"order","type":"shopify.order_created"},
    {"id":"check","type":"core.branch","params":{"rules":[{"port":"vip","when":true}]},"x":1.10},
    {"id":"tell","type":"slack.post_message","on_error":"branch"}],
    "edges":[{"from":"order","to":"check"},{"from":"check","port":"vip","to":"tell","mine":2}],
    "layout":{"order":[0,0],"tell":[5.50,1]},
    "notes":[{"text":"Ask Ana","mine":1.10},{"id":"vip","text":"","nodes":["check"]}],"later":{"n":9007199254740993}}`),
);

/** One step of a person at the editor; numbers choose among what is there at that moment. */
type Step = { what: number; a: number; b: number; value: Json };

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.nat(25),
  a: fc.nat(50),
  b: fc.nat(50),
  value: fc.oneof(
    fc.string(),
    fc.integer(),
    fc.constant(null),
    fc.constant(parseJson("10.10")),
    fc.constant({ $expr: "order.total" }),
    fc.constant([{ port: "big", when: true }]),
  ) as fc.Arbitrary<Json>,
});

function commandFor(flow: FlowDocument, { what, a, b, value }: Step): Command | null {
  const pick = <Item>(items: Item[], at: number) => items[at % Math.max(items.length, 1)];
  const node = pick(flow.nodes, a)?.id ?? "none";
  const other = pick(flow.nodes, b)?.id ?? "none";
  const edge = pick(flow.edges, a);
  const type = pick(names, b) ?? "core.set";
  const note = pick(notesOf(flow), b)?.id ?? "none";
  const at: [number, number] = [a * 20, b * 10];
  const one = { nodes: new Set([node]), edges: new Set<string>() };
  const both = { nodes: new Set([node, other]), edges: new Set<string>(), notes: new Set([note]) };
  switch (what) {
    case 0:
      return edit.addNode(flow, types, type, [a, b]).command;
    case 1:
      return edit.addNode(flow, types, type, [a, b], { node, port: "out" }).command;
    case 2:
      return edit.removeChosen(flow, types, b % 2 ? one : both);
    case 3:
      return edit.connect(flow, types, { from: node, to: other });
    case 4:
      return edge ? edit.disconnect(flow, new Set([edgeKey(edge)])) : null;
    case 5:
      return edit.moveNodes(flow, { [node]: [a, b] }, b % 2 ? "drag" : undefined);
    case 6:
      return edit.setParam(flow, types, node, pick(["/text", "/rules", "/a~1b"], b) ?? "", value);
    case 7:
      return edit.setField(flow, node, "label", b % 3 ? String(b) : undefined);
    case 8:
      return edit.setField(flow, node, "on_error", b % 2 ? "branch" : undefined);
    case 9:
      return edit.setFlowField(flow, "name", `Flow ${b}`);
    case 10: {
      const part = readCopied(copyChosen(flow, both));
      return part && paste(flow, part, [a, b], { types, connections: new Set() }).command;
    }
    case 11:
      return duplicate(flow, one, types).command;
    case 12:
      return edge ? edit.insertOnEdge(flow, types, type, [a, b], edgeKey(edge)).command : null;
    case 13:
      return addNote(flow, [a, b], String(a)).command;
    case 14:
      return changeNote(
        flow,
        note,
        { text: String(value), color: "pink" },
        b % 2 ? "t" : undefined,
      );
    case 15:
      return changeNote(flow, note, { title: b % 3 ? `${b}` : "", size: [a * 10, b * 10] });
    case 16:
      return removeNotes(flow, new Set([note]));
    case 17:
      return groupNodes(flow, types, both.nodes).command;
    case 18:
      return ungroup(flow, new Set([note]));
    case 19:
      return detach(flow, types, both.nodes);
    case 20: {
      const next = edge && spliced(flow, types, other, edgeKey(edge));
      return next ? command("edge.insert", flow, next) : null;
    }
    case 21:
      return align(flow, types, new Set(flow.nodes.map((it) => it.id)), b % 2 ? "left" : "middle");
    case 22:
      return distribute(flow, types, new Set(flow.nodes.map((it) => it.id)), "across");
    case 23: {
      const drop = { nodes: { [node]: at }, notes: { [note]: at }, grabbed: node, detach: a > 25 };
      return dropAll(flow, types, edge ? { ...drop, edge: edgeKey(edge) } : drop);
    }
    case 24:
      return dropAll(flow, types, { nodes: {}, notes: { [note]: at } });
    default:
      return edge ? edit.reconnect(flow, types, edgeKey(edge), { ...edge, to: other }) : null;
  }
}

test("any sequence of commands, then undo of all, gives the same bytes; redo of all gives them back", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let history = startHistory(start);
      steps.forEach((one, index) => {
        const before = writeJson(history.flow);
        const command = commandFor(history.flow, one);
        if (!command) return;
        expect(writeJson(command.undo(command.apply(history.flow)))).toBe(before);
        history = perform(history, command, index * 700);
      });
      const end = writeJson(history.flow);
      const count = history.done.length;
      while (history.done.length > 0) history = undo(history);
      expect(writeJson(history.flow)).toBe(writeJson(start));
      for (let index = 0; index < count; index += 1) history = redo(history);
      expect(writeJson(history.flow)).toBe(end);
    }),
    { numRuns: 300 },
  );
});

test("no sequence of commands makes a cycle, an edge into a trigger or an id twice", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let flow = start;
      for (const one of steps) flow = commandFor(flow, one)?.apply(flow) ?? flow;
      const ids = flow.nodes.map((node) => node.id);
      expect(new Set(ids).size).toBe(ids.length);
      const keys = flow.edges.map(edgeKey);
      expect(new Set(keys).size).toBe(keys.length);
      const triggers = new Set(
        flow.nodes.filter((it) => types.get(it.type)?.kind === "trigger").map((it) => it.id),
      );
      for (const edge of flow.edges) {
        expect(ids).toContain(edge.from);
        expect(ids).toContain(edge.to);
        expect(triggers.has(edge.to)).toBe(false);
      }
      const held = notesOf(flow).flatMap((note) => note.nodes ?? []);
      expect(ids).toEqual(expect.arrayContaining(held));
      const noteIds = notesOf(flow).map((note) => note.id);
      expect(new Set(noteIds).size).toBe(noteIds.length);
      let left = [...flow.edges];
      for (let size = -1; size !== left.length; ) {
        size = left.length;
        const led = new Set(left.map((edge) => edge.to));
        left = left.filter((edge) => led.has(edge.from));
      }
      expect(left).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("typing in one field is one step of the history, until a pause", () => {
  let history = startHistory(start);
  for (const [text, at] of [
    ["H", 0],
    ["He", 300],
    ["Hel", 600],
    ["Help", 9000],
  ] as const) {
    const command = edit.setParam(history.flow, types, "tell", "/text", text);
    if (command) history = perform(history, command, at);
  }
  expect(history.done).toHaveLength(2);
  expect(undo(history).flow.nodes[2]?.params).toEqual({ text: "Hel" });
  expect(undo(undo(history)).flow).toEqual(start);
});

test("a new command forgets what was undone", () => {
  const first = edit.setFlowField(start, "name", "A");
  let history = first ? undo(perform(startHistory(start), first, 0)) : startHistory(start);
  expect(history.undone).toHaveLength(1);
  const second = edit.setFlowField(start, "name", "B");
  if (second) history = perform(history, second, 1);
  expect(history.undone).toEqual([]);
});

test("what follows from a step by itself is undone and done again with it", () => {
  const added = edit.addNode(start, types, "shopify.add_tags", [0, 0]);
  const grown = perform(startHistory(start), added.command as Command, 0);
  const account = edit.setField(grown.flow, added.id, "connection", "conn_1") as Command;
  const whole = complete(grown, account);
  expect(whole.done).toHaveLength(1);
  const back = undo(whole);
  expect(writeJson(back.flow)).toBe(writeJson(start));
  expect(writeJson(redo(back).flow)).toBe(writeJson(whole.flow));
  expect(complete(startHistory(start), account).done).toEqual([]);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "~/api/json";
import { commandOf } from "../command";
import type { FlowDocument, FlowEdge, FlowNode } from "../flow";
import { applyDiff, countNodes, diffFlows, doesSame, isSame } from "./diff";

const base: FlowDocument = {
  format: 1,
  id: "flow_1",
  name: "Orders",
  nodes: [
    { id: "order", type: "shop.order_created" },
    { id: "tell", type: "slack.post_message", params: { channel: "#vip", text: { $text: "Hi" } } },
    { id: "log", type: "core.log", label: "Write it down" },
  ],
  edges: [
    { from: "order", to: "tell" },
    { from: "tell", to: "log" },
  ],
  layout: { order: [0, 0], tell: [300, 0] },
};

const withNodes = (nodes: FlowNode[], more: Partial<FlowDocument> = {}): FlowDocument =>
  ({ ...base, nodes, ...more }) as FlowDocument;

describe("what differs between two flows", () => {
  test("a flow differs in nothing from itself, nor from a copy of it", () => {
    expect(isSame(diffFlows(base, base))).toBe(true);
    expect(isSame(diffFlows(base, structuredClone(base)))).toBe(true);
  });

  test("added, removed, changed and moved nodes are told apart, field by field", () => {
    const [order, tell] = base.nodes as [FlowNode, FlowNode];
    const after = withNodes(
      [
        order,
        { ...tell, params: { channel: "#all", text: { $text: "Hi" } } },
        { id: "mail", type: "x.y" },
      ],
      { edges: [{ from: "order", to: "tell" }], layout: { order: [8, 0], tell: [300, 0] } },
    );
    const diff = diffFlows(base, after);
    expect(diff.nodes.map(({ id, kind }) => [id, kind])).toEqual([
      ["order", "moved"],
      ["tell", "changed"],
      ["mail", "added"],
      ["log", "removed"],
    ]);
    expect(diff.nodes[1]?.fields).toEqual([
      { path: ["params", "channel"], before: "#vip", after: "#all" },
    ]);
    expect(diff.edges).toEqual([{ kind: "removed", edge: { from: "tell", to: "log" } }]);
    expect(countNodes(diff)).toEqual({ added: 1, removed: 1, changed: 1, moved: 1 });
    expect(doesSame(diff)).toBe(false);
  });

  test("a formula is one value, not the words inside it", () => {
    const [order, tell, log] = base.nodes as [FlowNode, FlowNode, FlowNode];
    const text = { $text: "Hi {{ order.name }}" };
    const diff = diffFlows(
      base,
      withNodes([order, { ...tell, params: { channel: "#vip", text } }, log]),
    );
    expect(diff.nodes[0]?.fields).toEqual([
      { path: ["params", "text"], before: { $text: "Hi" }, after: text },
    ]);
  });

  test("names, notes and places change nothing of what a flow does", () => {
    const nodes = base.nodes.map((node) => ({ ...node, label: "Another" }));
    const layout = { order: [5, 5] as Json };
    expect(doesSame(diffFlows(base, withNodes(nodes, { name: "New", layout })))).toBe(true);
    expect(doesSame(diffFlows(base, { ...base, timezone: "Europe/Madrid" }))).toBe(false);
  });
});

const value: fc.Arbitrary<Json> = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.boolean(),
  fc.constant(null),
  fc.record({ $expr: fc.string({ maxLength: 3 }) }),
  fc.array(fc.integer({ max: 3 }), { maxLength: 2 }),
  fc.dictionary(fc.constantFrom("a", "b", "c"), fc.string({ maxLength: 2 })),
) as fc.Arbitrary<Json>;

const ids = ["one", "two", "three", "four", "five"];

const flows: fc.Arbitrary<FlowDocument> = fc
  .record({
    name: fc.string({ minLength: 1, maxLength: 3 }),
    own: fc.dictionary(fc.constantFrom("timezone", "limits", "notes", "keys"), value),
    chosen: fc.shuffledSubarray(ids),
    params: fc.array(fc.dictionary(fc.constantFrom("x", "y"), value), {
      minLength: 5,
      maxLength: 5,
    }),
    labels: fc.array(fc.option(fc.string({ maxLength: 2 })), { minLength: 5, maxLength: 5 }),
    edges: fc.uniqueArray(
      fc.record({ from: fc.constantFrom(...ids), to: fc.constantFrom(...ids) }),
      { selector: ({ from, to }) => `${from}>${to}`, maxLength: 5 },
    ),
    layout: fc.dictionary(fc.constantFrom(...ids), fc.tuple(fc.integer(), fc.integer())),
  })
  .map(({ name, own, chosen, params, labels, edges, layout }) => ({
    format: 1,
    id: "flow_1",
    name,
    ...own,
    nodes: chosen.map((id, index): FlowNode => {
      const label = labels[index];
      return { id, type: "t.t", params: params[index] ?? {}, ...(label && { label }) };
    }),
    edges: edges as FlowEdge[],
    layout: layout as { [node: string]: Json },
  }));

describe("laws", () => {
  test("the diff of a to b makes b of a, and a of b backwards", () => {
    fc.assert(
      fc.property(flows, flows, (a, b) => {
        expect(applyDiff(a, diffFlows(a, b))).toEqual(b);
        expect(applyDiff(b, diffFlows(b, a))).toEqual(a);
      }),
    );
  });

  test("what is added one way is removed the other", () => {
    fc.assert(
      fc.property(flows, flows, (a, b) => {
        const [to, back] = [countNodes(diffFlows(a, b)), countNodes(diffFlows(b, a))];
        expect([to.added, to.removed, to.changed, to.moved]).toEqual([
          back.removed,
          back.added,
          back.changed,
          back.moved,
        ]);
      }),
    );
  });

  test("restoring a flow is one step that is undone as one", () => {
    fc.assert(
      fc.property(flows, flows, (draft, old) => {
        const command = commandOf("flow.restore", [
          { path: [], before: draft as Json, after: old as Json },
        ]);
        expect(command?.apply(draft)).toEqual(old);
        expect(command?.undo(old)).toEqual(draft);
      }),
    );
  });
});

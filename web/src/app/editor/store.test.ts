import { expect, test } from "vitest";
import type { Flow } from "~/api/contract.ts";
import { addNode } from "~/model/edit.ts";
import { nodeTypesOf } from "~/model/port.ts";
import { catalog } from "../../../test/catalog";
import { createEditor } from "./store.ts";

const types = nodeTypesOf(catalog);
const loaded = {
  document: { format: 1, id: "flow_1", name: "New", nodes: [], edges: [] },
  etag: "1",
  problems: [],
} as unknown as Flow;

function withSavedNode() {
  const store = createEditor(loaded, () => 0);
  const state = () => store.getState();
  state().perform(addNode(state().history.flow, types, "shopify.order_created", [0, 0]).command);
  state().saves();
  state().didSave(state().history.flow, "2", []);
  return state;
}

test("who undoes and redoes back to what is saved has nothing left to save", () => {
  const state = withSavedNode();
  state().undo();
  expect(state().saving).toBe("changed");
  state().redo();
  expect(state().saving).toBe("saved");
});

test("back at the last saved draft, one that may be on its way is still awaited", () => {
  const state = withSavedNode();
  state().undo();
  const under = state().history.flow;
  state().saves();
  state().redo();
  expect(state().saving).toBe("changed");
  state().didSave(under, "3", []);
  expect(state().saving).toBe("changed");
});

test("after a save that failed nobody knows what the server has: it is tried again", () => {
  const state = withSavedNode();
  state().undo();
  state().saves();
  state().failSave();
  state().redo();
  expect(state().saving).toBe("failed");
});

test("who types what changes no problem is told the same problems, and nothing is drawn anew", () => {
  const document = { ...loaded.document, nodes: [{ id: "a", type: "core.log" }] };
  const problem = { path: "/nodes/0", code: "node.unreachable", level: "warning", message: "…" };
  const lone = { document, etag: "1", problems: [{ ...problem, params: {} }] } as unknown as Flow;
  const state = createEditor(lone, () => 0).getState;
  const before = state().problems;
  expect(before).toHaveLength(1);
  state().check();
  state().didSave(state().history.flow, "2", [...lone.problems]);
  expect(state().problems).toBe(before);
  state().didSave(state().history.flow, "3", []);
  expect(state().problems).toEqual([]);
});

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Edge, Flow, Node } from "~/api/types/flow";
import type { FlowDocument, FlowEdge, FlowNode } from "~/model/flow";
import { isNodeId, reservedWords } from "~/model/node-id";

// A field that the schema gains or loses fails the type check here, before anybody misses it.
type Named<T> = keyof { [Key in keyof T as string extends Key ? never : Key]: T[Key] };
type Same<A, B> = [Exclude<A, B>, Exclude<B, A>] extends [never, never] ? true : Exclude<A, B>;
const nodes: Same<Named<FlowNode>, keyof Node> = true;
const edges: Same<Named<FlowEdge>, keyof Edge> = true;
const flows: Exclude<Named<FlowDocument>, keyof Flow> extends never ? true : false = true;

const schema = JSON.parse(readFileSync("../schemas/flow.schema.json", "utf8"));

test("the editor's flow has the fields of the published schema", () => {
  expect([nodes, edges, flows]).toEqual([true, true, true]);
});

test("the ids that the editor makes are ids that the schema accepts", () => {
  const pattern = new RegExp(schema.$defs.Node.properties.id.pattern);
  for (const id of ["post_message", "a", "x9_"]) expect(pattern.test(id)).toBe(isNodeId(id));
  for (const id of ["9a", "A", "a-b", ""]) expect(pattern.test(id)).toBe(isNodeId(id));
  for (const word of reservedWords) expect(isNodeId(word)).toBe(false);
});

/** The rules of single nodes: their type, connection and params, and whether a run comes by. */
import type { NodeType } from "~/api/contract";
import type { JsonObject } from "~/api/json";
import { errorPort, type FlowNode, portOf } from "../flow";
import { isTrigger } from "../port";
import { compare, type Difference, markerOf } from "./difference";
import type { Draft, Placed } from "./draft";

export function checkTypes(draft: Draft): void {
  for (const { node, title, index } of draft.nodes) {
    if (draft.types.has(node.type)) continue;
    draft.add(["nodes", index, "type"], "node.type_unknown", { node: title, type: node.type });
  }
}

export function checkIds(draft: Draft): void {
  for (const placed of draft.nodes) {
    const { id } = placed.node;
    if (draft.find(id) !== placed)
      draft.add(["nodes", placed.index, "id"], "node.id_twice", { id });
  }
}

/** Nodes that no trigger leads to; a flow without a trigger is one problem, not many. */
export function checkReach(draft: Draft): void {
  const triggers = draft.nodes.filter(({ type }) => isTrigger(type ?? undefined));
  const unknown = draft.nodes.filter(({ type }) => type === null);
  if (!triggers.some(({ node }) => !node.disabled)) {
    if (unknown.length === 0) draft.add(["nodes"], "flow.no_trigger");
    return;
  }
  // What stands behind an unknown type may well be reached: that type may be a trigger.
  const first = unknown.filter(({ index }) => draft.before[index]?.length === 0);
  const reached = draft.reach([...triggers, ...first].map((it) => it.index));
  for (const { index, title } of draft.nodes) {
    if (!reached.has(index)) draft.add(["nodes", index], "node.unreachable", { node: title });
  }
}

export function checkWiring(draft: Draft): void {
  const caught = new Set(
    draft.flow.edges.filter((edge) => portOf(edge) === errorPort).map((edge) => edge.from),
  );
  for (const { node, type, title, index } of draft.nodes) {
    if (!type) continue;
    if (type.type === "core.merge" && (draft.before[index]?.length ?? 0) < 2) {
      draft.add(["nodes", index], "node.merge_single", { node: title });
    }
    if (node.on_error === "branch" && !isTrigger(type) && !caught.has(node.id)) {
      draft.add(["nodes", index, "on_error"], "node.error_port_unused", { node: title });
    }
  }
}

/** Webhooks that wait for an answer nobody gives, and answers that nobody waits for. */
export function checkAnswers(draft: Draft): void {
  const waiting = draft.nodes.filter(
    ({ node, type }) => isTrigger(type ?? undefined) && node.params?.answer === "respond",
  );
  const answering = draft.nodes.filter(({ type }) => type?.type === "core.respond");
  for (const { index, title } of answering.length === 0 ? waiting : []) {
    const path = ["nodes", index, "params", "answer"];
    draft.add(path, "webhook.respond_missing", { node: title });
  }
  for (const { index, title } of waiting.length === 0 ? answering : []) {
    draft.add(["nodes", index], "node.respond_unheard", { node: title });
  }
}

export function checkConnection(draft: Draft, { node, type, title, index }: Placed): void {
  const path = ["nodes", index, "connection"];
  if (type?.connection === "required" && node.connection === undefined) {
    draft.add(path, "node.connection_missing", { node: title });
  }
  if (type?.connection === "none" && node.connection !== undefined) {
    draft.add(path, "node.connection_unused", { node: title });
  }
}

const known = new WeakMap<FlowNode, { type: NodeType; found: Difference[] }>();

/** A node that has not changed is compared once: nodes are never written to. */
function differencesOf(node: FlowNode, type: NodeType): Difference[] {
  const before = known.get(node);
  if (before?.type === type) return before.found;
  const params: JsonObject = node.params ?? {};
  const found = isTrigger(type) ? formulasIn(params, []) : [];
  found.push(...compare(params, type.params_schema));
  known.set(node, { type, found });
  return found;
}

/** A trigger's params are needed before any run, so nothing in them can be a formula. */
function formulasIn(value: unknown, path: (string | number)[]): Difference[] {
  if (typeof value !== "object" || value === null) return [];
  const marker = markerOf(value as JsonObject);
  if (marker === "$expr" || marker === "$text") return [{ path, kind: "fixed", params: {} }];
  if (Array.isArray(value)) return value.flatMap((item, at) => formulasIn(item, [...path, at]));
  return Object.entries(value).flatMap(([name, item]) => formulasIn(item, [...path, name]));
}

export function checkParams(draft: Draft, { node, type, title, index }: Placed): void {
  if (!type) return;
  for (const { path, kind, params } of differencesOf(node, type)) {
    const field = spellPath(path);
    const warning = node.disabled === true;
    const all = { ...params, node: title, field };
    draft.add(["nodes", index, "params", ...path], `params.${kind}`, all, { warning });
  }
}

export function spellPath(path: readonly (string | number)[]): string {
  const text = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
  return text.replace(/^\./, "") || "flow";
}

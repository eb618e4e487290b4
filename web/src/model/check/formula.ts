/** What formulas read: whether a node stands where its output can be read. */
import { isObject, type Json } from "~/api/json";
import type { FlowNode } from "../flow";
import { renameInExpression, renameInText } from "../reference";
import { fieldsOf, hintOf } from "../schema";
import { markerOf } from "./difference";
import type { Draft, Placed } from "./draft";

interface Reading {
  path: (string | number)[];
  names: string[];
  empty: boolean;
}

const known = new WeakMap<FlowNode, Reading[]>();

/** The formulas of a node and the names in them; a node that has not changed is read once. */
function readingsOf(node: FlowNode): Reading[] {
  const before = known.get(node);
  if (before) return before;
  const found: Reading[] = [];
  collect(node.params as Json | undefined, [], found);
  known.set(node, found);
  return found;
}

function collect(value: Json | undefined, path: (string | number)[], found: Reading[]): void {
  const marker = markerOf(value);
  if (marker === "$value") return;
  if (marker !== null && isObject(value)) {
    const source = value[marker];
    if (typeof source !== "string") return;
    const names = new Set<string>();
    const note = (name: string) => {
      names.add(name);
      return name;
    };
    if (marker === "$expr") renameInExpression(source, note);
    else renameInText(source, note);
    const empty = marker === "$expr" && source.trim() === "";
    found.push({ path: [...path, marker], names: [...names], empty });
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => {
      collect(item, [...path, index], found);
    });
  } else if (isObject(value)) {
    for (const [name, item] of Object.entries(value)) collect(item, [...path, name], found);
  }
}

/** Whether a part of the params is evaluated among the nodes inside the loop. */
function isCollected(placed: Placed, path: (string | number)[]): boolean {
  const schema = placed.type?.params_schema ?? {};
  const field = fieldsOf(schema, schema).find((it) => it.name === path[0]);
  return field !== undefined && hintOf(field.schema).collect === true;
}

export function checkFormulas(draft: Draft, placed: Placed): void {
  if (!placed.type || placed.type.kind === "trigger") return;
  const around = draft.around(placed);
  for (const { path, names, empty } of readingsOf(placed.node)) {
    const where = ["nodes", placed.index, "params", ...path];
    const warning = placed.node.disabled === true;
    if (empty) draft.add(where, "expression.empty", {}, { warning });
    for (const name of names) {
      const read = draft.find(name);
      // A name that no node has may be one of the formula's own: the server reads it whole.
      if (!read) continue;
      if (read.node.disabled) {
        const place = ["nodes", placed.index, "params"];
        draft.add(place, "expression.reads_disabled", { name: read.title });
      }
      const code = unseen(draft, placed, read, around, path);
      if (code === null) continue;
      const box = draft.find(read.node.inside);
      draft.add(where, code, { name: read.title, box: box?.title ?? "" }, { warning });
    }
  }
}

function unseen(
  draft: Draft,
  placed: Placed,
  read: Placed,
  around: Placed[],
  path: (string | number)[],
): string | null {
  if (read.node.inside === placed.node.id && isCollected(placed, path)) return null;
  const isSeen = read !== placed && [placed, ...around].some((it) => draft.isBefore(read, it));
  if (isSeen) return null;
  if (read === placed) return "expression.own_output";
  const box = draft.find(read.node.inside);
  if (box && !around.includes(box)) return "expression.inside_loop";
  return "expression.not_before";
}

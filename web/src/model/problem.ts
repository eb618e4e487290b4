/** Problems by what they concern, so that an edit between two checks does not misplace them. */
import type { Problem } from "~/api/contract";
import type { FlowDocument } from "./flow";
import { pointerParts, pointerTo } from "./pointer";
import type { NodeTypes } from "./port";
import { nodeTitle } from "./variable";

/** A problem told in the reader's words: in full, and in brief for the field at which it stands. */
export type Told = Problem & { brief?: string };

export interface PlacedProblem {
  problem: Told;
  /** The node it is about; null for the flow as a whole. */
  node: string | null;
  /** The rest of the pointer, inside the node. */
  inside: string;
}

/** Reads the paths of a check's problems against the document that was checked. */
export function placeProblems(
  flow: FlowDocument,
  problems: Told[],
  types: NodeTypes,
): PlacedProblem[] {
  return problems.map((found) => {
    const problem = found.brief === undefined ? withTitles(found, flow, types) : found;
    const [room, index, ...rest] = pointerParts(problem.path ?? "");
    const node = room === "nodes" ? flow.nodes[Number(index)]?.id : undefined;
    const from = room === "edges" ? flow.edges[Number(index)]?.from : undefined;
    if (node !== undefined) return { problem, node, inside: pointerTo(...rest) };
    return { problem, node: from ?? null, inside: "" };
  });
}

const QUOTED = /([“«„])([a-z][a-z0-9_]*)([”»])/g;

/** A problem that calls nodes without a label by what people see of them, not by their id. */
function withTitles(problem: Problem, flow: FlowDocument, types: NodeTypes): Problem {
  const { node, field, place } = problem.params;
  const spot = typeof place === "string" ? place : "";
  const title = (id: string) =>
    id !== field && flow.nodes.some((it) => it.id === id) ? nodeTitle(flow, types, id) : id;
  const named = (text: string) =>
    text.replace(QUOTED, (_, open, id, close) => `${open}${title(id)}${close}`);
  // "“branch”, rules[0].when": the field's path is the document's word, and a click leads there.
  const shown = named(spot.replace(/”, \S+$/, "”"));
  return {
    ...problem,
    message: named(problem.message.replace(`${spot}: `, `${shown}: `)),
    params: {
      ...problem.params,
      ...(typeof node === "string" && { node: title(node) }),
      ...(spot !== "" && { place: shown }),
    },
  };
}

/** The worst level of each node's problems. */
export function levelsOf(placed: PlacedProblem[]): Map<string, "error" | "warning"> {
  const levels = new Map<string, "error" | "warning">();
  for (const { node, problem } of placed) {
    if (node !== null && levels.get(node) !== "error") levels.set(node, problem.level);
  }
  return levels;
}

/** A node's problems inside its params, with paths as its form knows them. */
export function paramProblems(placed: PlacedProblem[], node: string): Told[] {
  return placed
    .filter((it) => it.node === node && it.inside.startsWith("/params"))
    .map((it) => ({ ...it.problem, path: it.inside.slice("/params".length) }));
}

/**
 * A problem's sentence as it stands at its field: without the node's name, which is known there,
 * and with the titles that people see in the place of the document's own words.
 */
export function wordsAtField(
  { message, brief, params }: Told,
  title?: string,
  titles: ReadonlyMap<string, string> = new Map(),
): string {
  const { node, field, place, choices } = params;
  let words = brief ?? message;
  if (typeof place === "string" && words.startsWith(`${place}: `)) {
    words = words.slice(place.length + 2);
  }
  // "“tell”: …" in English, "«tell»: …" elsewhere.
  const colon = typeof node === "string" ? words.indexOf(node) : -1;
  if (colon === 1 && words.slice(2 + String(node).length, 4 + String(node).length) === ": ") {
    words = words.slice(4 + String(node).length);
  }
  if (typeof field === "string" && title) words = words.replace(field, title);
  if (Array.isArray(choices) && titles.size > 0) {
    const named = choices.map((name) => titles.get(String(name)) ?? String(name));
    words = words.replace(choices.join(", "), named.join(", "));
  }
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}

/** Problems by what they concern, so that an edit between two checks does not misplace them. */
import type { Problem } from "~/api/contract";
import type { FlowDocument } from "./flow";
import { pointerParts, pointerTo } from "./pointer";

export interface PlacedProblem {
  problem: Problem;
  /** The node it is about; null for the flow as a whole. */
  node: string | null;
  /** The rest of the pointer, inside the node. */
  inside: string;
}

/** Reads the paths of a check's problems against the document that was checked. */
export function placeProblems(flow: FlowDocument, problems: Problem[]): PlacedProblem[] {
  return problems.map((problem) => {
    const [room, index, ...rest] = pointerParts(problem.path ?? "");
    const node = room === "nodes" ? flow.nodes[Number(index)]?.id : undefined;
    const from = room === "edges" ? flow.edges[Number(index)]?.from : undefined;
    if (node !== undefined) return { problem, node, inside: pointerTo(...rest) };
    return { problem, node: from ?? null, inside: "" };
  });
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
export function paramProblems(placed: PlacedProblem[], node: string): Problem[] {
  return placed
    .filter((it) => it.node === node && it.inside.startsWith("/params"))
    .map((it) => ({ ...it.problem, path: it.inside.slice("/params".length) }));
}

/**
 * A problem's sentence as it stands at its field: without the node's name, which is known there,
 * and with the titles that people see in the place of the document's own words.
 */
export function wordsAtField(
  { message, params }: Problem,
  title?: string,
  titles: ReadonlyMap<string, string> = new Map(),
): string {
  const { node, field, choices } = params;
  let words = message;
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

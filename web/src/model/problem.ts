/** Problems by what they concern, so that an edit between two checks does not misplace them. */
import type { Problem } from "~/api/contract";
import type { FlowDocument } from "./flow";
import { pointerParts, pointerTo } from "./pointer";
import type { NodeTypes } from "./port";
import { nodeTitle } from "./variable";

/** A problem told in the reader's words: in full, and in brief for the field at which it stands. */
export type Told = Omit<Problem, "level"> & { brief?: string; level: Level };

/** How bad it is; "todo" is what nobody has come to yet, and no fault of theirs. */
export type Level = Problem["level"] | "todo";

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
function withTitles(problem: Told, flow: FlowDocument, types: NodeTypes): Told {
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

/** What is amiss with a node only because it is new: nothing was said there, or nothing follows. */
const unsaid: ReadonlySet<string> = new Set(
  `params.missing params.empty params.few params.one_of expression.empty loop.empty
  node.connection_missing node.unreachable node.merge_single webhook.respond_missing
  flow.no_trigger`.split(/\s+/),
);

/** What people have come to: nodes that are new, and the places in them that were gone through. */
export interface Fresh {
  nodes: ReadonlySet<string>;
  /** Node and pointer, as `leftKey` writes them. */
  left: ReadonlySet<string>;
  /** Somebody wanted the flow to work: it is no beginning any more. */
  demanded: boolean;
}

export const leftKey = (node: string, inside: string): string => `${node}${inside}`;

function isLeft({ node, inside }: PlacedProblem, left: Fresh["left"]): boolean {
  const parts = pointerParts(inside);
  return parts.some((_, end) =>
    left.has(leftKey(node ?? "", pointerTo(...parts.slice(0, end + 1)))),
  );
}

/** Nobody is scolded for what they have not come to yet: in new nodes that is still to be done. */
export function soften(placed: PlacedProblem[], flow: FlowDocument, fresh: Fresh): PlacedProblem[] {
  const begun = fresh.demanded || flow.nodes.some((node) => !fresh.nodes.has(node.id));
  return placed.map((it) => {
    const isNew = it.node === null ? !begun : fresh.nodes.has(it.node);
    if (!isNew || !unsaid.has(it.problem.code) || isLeft(it, fresh.left)) return it;
    return { ...it, problem: { ...it.problem, level: "todo" } };
  });
}

const ranks: Record<Level, number> = { error: 0, warning: 1, todo: 2 };

/** The worst first, else in the order of the flow. */
export function worstFirst(placed: readonly PlacedProblem[]): PlacedProblem[] {
  return placed.toSorted((a, b) => ranks[a.problem.level] - ranks[b.problem.level]);
}

/** The worst level of each node's problems. */
export function levelsOf(placed: PlacedProblem[]): Map<string, Level> {
  const levels = new Map<string, Level>();
  for (const { node, problem } of worstFirst(placed)) {
    if (node !== null && !levels.has(node)) levels.set(node, problem.level);
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
  { code, message, brief, params }: Told,
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
  // What a formula calls a field is a field of the data.
  const ofForm = typeof field === "string" && !code.startsWith("expression.");
  if (ofForm && title) words = words.replace(field, title);
  if (Array.isArray(choices) && titles.size > 0) {
    const named = choices.map((name) => titles.get(String(name)) ?? String(name));
    words = words.replace(choices.join(", "), named.join(", "));
  }
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}

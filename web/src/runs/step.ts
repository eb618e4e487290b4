/** The steps of a run as people read them: one entry a node, its iterations inside. */
import type { FlowDocument, Run, Step, StepState, StepTotal } from "~/api/contract.ts";
import { isObject, type Json } from "~/api/json.ts";

/** A node as the version that ran names it. */
export interface Named {
  node: string;
  type: string | null;
  label: string | null;
}

export interface NodeSteps extends Named {
  /** In the order in which they were reported; one, outside a loop. */
  steps: Step[];
  /** The state that matters most among the iterations. */
  state: StepState;
  /** The loops that hold the node, outermost first: one for each level of an iteration. */
  loops: Named[];
  /** How all its steps stand, where the run carries only the first. */
  total: StepTotal | null;
}

/** What one should look at first, when iterations ended differently. */
const weight: StepState[] = [
  "asking",
  "failed",
  "running",
  "waiting",
  "succeeded",
  "cancelled",
  "skipped",
];

export function weightiest(states: StepState[]): StepState {
  return weight.find((state) => states.includes(state)) ?? "skipped";
}

const textOf = (value: Json | undefined): string | null =>
  typeof value === "string" && value !== "" ? value : null;

interface Placed extends Named {
  inside: string | null;
}

function nodesOf(document: FlowDocument | null): Map<string, Placed> {
  const nodes = Array.isArray(document?.nodes) ? document.nodes.filter(isObject) : [];
  return new Map(
    nodes.map((node) => {
      const id = textOf(node.id) ?? "";
      const { type, label, inside } = node;
      return [id, { node: id, type: textOf(type), label: textOf(label), inside: textOf(inside) }];
    }),
  );
}

/** The loops around a node, outermost first; a circle in a broken document ends it. */
function loopsOf(named: Map<string, Placed>, node: string): Named[] {
  const loops: Named[] = [];
  let loop = named.get(node)?.inside ?? null;
  while (loop !== null && !loops.some((it) => it.node === loop)) {
    const found = named.get(loop);
    loops.unshift({ node: loop, type: found?.type ?? null, label: found?.label ?? null });
    loop = found?.inside ?? null;
  }
  return loops;
}

type StateCount = [state: StepState, count: number];

export const statesOf = (total: StepTotal): StepState[] =>
  weight.filter((state) => (total.states[state] ?? 0) > 0);

/** Groups a run's steps by node, each node where it was first reported. */
export function stepsByNode(run: Pick<Run, "document" | "steps" | "totals">): NodeSteps[] {
  const named = nodesOf(run.document);
  const totals = run.totals ?? {};
  const groups = new Map<string, Step[]>(Object.keys(totals).map((node) => [node, []]));
  for (const step of run.steps) {
    const steps = groups.get(step.node);
    if (steps) steps.push(step);
    else groups.set(step.node, [step]);
  }
  return [...groups].map(([node, steps]) => ({
    node,
    type: named.get(node)?.type ?? null,
    label: named.get(node)?.label ?? null,
    steps,
    state: weightiest(totals[node] ? statesOf(totals[node]) : steps.map((step) => step.state)),
    loops: loopsOf(named, node),
    total: totals[node] ?? null,
  }));
}

/** The step that a person should see first: the one that asks, failed or waits, else the last. */
export function firstLook(steps: readonly Step[]): Step | undefined {
  return (
    steps.find((step) => step.state === "asking") ??
    steps.find((step) => step.state === "failed") ??
    steps.find((step) => step.state === "waiting") ??
    steps.at(-1)
  );
}

/** How many iterations are in each state, what needs people first. */
export function countStates({ steps, total }: Pick<NodeSteps, "steps" | "total">): StateCount[] {
  return weight.flatMap((state): StateCount[] => {
    const count = total
      ? (total.states[state] ?? 0)
      : steps.filter((step) => step.state === state).length;
    return count > 0 ? [[state, count]] : [];
  });
}

/** One level of an iteration: which item is shown, and which there are to choose from. */
export interface Level {
  chosen: number;
  indices: number[];
}

const startsWith = (iteration: number[], path: number[]): boolean =>
  path.every((index, place) => iteration[place] === index);

/** The levels of a step's iteration, outermost first. */
export function levelsOf(steps: readonly Step[], current: Step): Level[] {
  return current.iteration.map((chosen, depth) => {
    const path = current.iteration.slice(0, depth);
    const indices = new Set<number>();
    for (const { iteration } of steps) {
      const index = iteration[depth];
      if (index !== undefined && startsWith(iteration, path)) indices.add(index);
    }
    return { chosen, indices: [...indices].sort((left, right) => left - right) };
  });
}

/** The step to show after another item was chosen at a level: the first inside that item. */
export function stepAt(
  steps: readonly Step[],
  current: Step,
  depth: number,
  index: number,
): Step | undefined {
  const path = [...current.iteration.slice(0, depth), index];
  const inside = steps.filter(({ iteration }) => startsWith(iteration, path));
  const rest = current.iteration.slice(depth + 1);
  return inside.find(({ iteration }) => startsWith(iteration.slice(depth + 1), rest)) ?? inside[0];
}

export function durationMs(from: string | null, to: string | null): number | null {
  if (from === null || to === null) return null;
  return Math.max(0, new Date(to).getTime() - new Date(from).getTime());
}

/** "3.1" for the first item inside the third: people count from one. */
export const iterationName = (iteration: number[]): string =>
  iteration.map((index) => index + 1).join(".");

/** The run that a step called: under way, or however it ended. */
export function calledRun(step: Step): string | null {
  if (step.calls !== undefined) return step.calls;
  const said = isObject(step.output) ? step.output : step.error?.details;
  return isObject(said) ? textOf(said.run) : null;
}

/** An iteration as the server takes it. */
export const pathOf = (iteration: readonly number[]): string => iteration.join(",");

/** Reads "3.1" as people count; null for anything else. */
export function readIteration(text: string): number[] | null {
  const parts = text.trim().split(/[.,\s]+/);
  const read = parts.map((part) => (/^\d{1,9}$/.test(part) ? Number(part) - 1 : -1));
  return read.every((index) => index >= 0) ? read : null;
}

/** Whether a node has more steps than one, here or on the server. */
export const isMany = ({ steps, total }: NodeSteps): boolean =>
  steps.length > 1 ||
  (total !== null && Object.values(total.states).reduce((sum, count) => sum + count, 0) > 1);

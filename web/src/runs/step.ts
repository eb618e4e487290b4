/** The steps of a run as people read them: one entry a node, its iterations inside. */
import type { FlowDocument, Run, Step, StepState } from "~/api/contract.ts";
import { isObject, type Json } from "~/api/json.ts";

export interface NodeSteps {
  node: string;
  /** The type of the node in the version that ran, if that version still names it. */
  type: string | null;
  label: string | null;
  /** In the order in which they were reported; one, outside a loop. */
  steps: Step[];
  /** The state that matters most among the iterations. */
  state: StepState;
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

interface Named {
  type: string | null;
  label: string | null;
}

function nodesOf(document: FlowDocument): Map<string, Named> {
  const nodes = Array.isArray(document.nodes) ? document.nodes.filter(isObject) : [];
  return new Map(
    nodes.map((node) => [
      textOf(node.id) ?? "",
      { type: textOf(node.type), label: textOf(node.label) },
    ]),
  );
}

/** Groups a run's steps by node, each node where it was first reported. */
export function stepsByNode(run: Run): NodeSteps[] {
  const named = nodesOf(run.document);
  const groups = new Map<string, Step[]>();
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
    state: weightiest(steps.map((step) => step.state)),
  }));
}

export function durationMs(from: string | null, to: string | null): number | null {
  if (from === null || to === null) return null;
  return Math.max(0, new Date(to).getTime() - new Date(from).getTime());
}

/** "3.1" for the second item of the fourth: people count from one. */
export const iterationName = (iteration: number[]): string =>
  iteration.map((index) => index + 1).join(".");

/**
 * What runs are doing right now, by run and by node.
 *
 * Live events are gathered and applied once per animation frame, and a reader subscribes to one
 * node's state: a run of a thousand steps a second costs each box on the canvas at most one
 * re-render a frame, and none where its own state did not change.
 */
import { useCallback } from "react";
import { create } from "zustand";
import type {
  Failure,
  Instant,
  LiveRun,
  LiveStep,
  Run,
  Step,
  StepState,
  StepTotal,
} from "~/api/contract";
import { statesOf, weightiest } from "./step.ts";

/** Everything that a box on the canvas shows about one node of one run. */
export interface NodeState {
  /** The state of the iteration that moved last. */
  state: StepState;
  /** How many iterations are in each state; a node outside a loop has one. */
  counts: Partial<Record<StepState, number>>;
  /** How often each port delivered. */
  ports: Record<string, number>;
  attempts: number;
  iteration: number[];
  at: Instant | null;
  error: Failure | null;
}

interface RunState {
  runs: Record<string, LiveRun>;
  /** Node states by run id, then node id. */
  steps: Record<string, Record<string, NodeState>>;
  /** The run that the canvas shows, if any. */
  shown: string | null;
  show: (runId: string | null) => void;
  /** Puts the steps of a run that was read whole in place of what live events told. */
  load: (run: Run<unknown>) => void;
  forget: (runId: string) => void;
}

/** Runs older than these many are dropped from memory; pages read them from the server again. */
const KEPT_RUNS = 300;

/** The state of each iteration, kept beside the store because only counts are shown. */
const iterations = new Map<string, Map<string, { state: StepState; port: string | null }>>();

export const useRunState = create<RunState>()((set) => ({
  runs: {},
  steps: {},
  shown: null,
  show: (runId) => set({ shown: runId }),
  load: (run) => {
    iterations.delete(run.id);
    const nodes: Record<string, NodeState> = {};
    for (const step of run.steps) applyStep(nodes, run.id, liveStep(run, step));
    for (const [node, total] of Object.entries(run.totals ?? {})) {
      nodes[node] = { ...(nodes[node] ?? unseen(total)), counts: total.states, ports: total.ports };
    }
    set((before) => ({
      runs: { ...before.runs, [run.id]: { ...run, flow_id: run.flow } },
      steps: { ...before.steps, [run.id]: nodes },
    }));
  },
  forget: (runId) => {
    iterations.delete(runId);
    set((before) => {
      const { [runId]: _run, ...runs } = before.runs;
      const { [runId]: _steps, ...steps } = before.steps;
      return { runs, steps };
    });
  },
}));

/** A node of which the run carries no step, only how they stand. */
const unseen = (total: StepTotal): NodeState => ({
  state: weightiest(statesOf(total)),
  counts: {},
  ports: {},
  attempts: 1,
  iteration: total.last,
  at: null,
  error: null,
});

function liveStep(run: Run<unknown>, step: Step): LiveStep {
  return {
    run_id: run.id,
    flow_id: run.flow,
    node: step.node,
    iteration: step.iteration,
    state: step.state,
    attempts: step.attempts,
    port: step.port,
    at: step.ended_at ?? step.started_at ?? "",
    error: step.error ?? null,
  };
}

/** Enters one step into the node states of its run, which must be a copy of the caller's. */
function applyStep(nodes: Record<string, NodeState>, runId: string, step: LiveStep): void {
  let known = iterations.get(runId);
  if (!known) {
    known = new Map();
    iterations.set(runId, known);
  }
  const key = `${step.node} ${step.iteration.join(".")}`;
  const last = known.get(key);
  known.set(key, { state: step.state, port: step.port });

  const before = nodes[step.node];
  const counts = { ...before?.counts };
  const ports = { ...before?.ports };
  if (last) counts[last.state] = (counts[last.state] ?? 1) - 1;
  counts[step.state] = (counts[step.state] ?? 0) + 1;
  if (last?.port) ports[last.port] = (ports[last.port] ?? 1) - 1;
  if (step.port) ports[step.port] = (ports[step.port] ?? 0) + 1;
  nodes[step.node] = {
    state: step.state,
    counts,
    ports,
    attempts: step.attempts,
    iteration: step.iteration,
    at: step.at,
    error: step.error ?? null,
  };
}

let waitingRuns: LiveRun[] = [];
let waitingSteps: LiveStep[] = [];
let frame: number | null = null;

function applyWaiting(): void {
  frame = null;
  const [newRuns, newSteps] = [waitingRuns, waitingSteps];
  waitingRuns = [];
  waitingSteps = [];
  useRunState.setState((before) => {
    const runs = { ...before.runs };
    const steps = { ...before.steps };
    for (const run of newRuns) {
      // Out and in again, so that the newest run is last and the oldest is dropped first.
      delete runs[run.id];
      runs[run.id] = run;
    }
    const copied = new Set<string>();
    for (const step of newSteps) {
      let nodes = steps[step.run_id];
      if (!nodes || !copied.has(step.run_id)) {
        nodes = { ...nodes };
        steps[step.run_id] = nodes;
        copied.add(step.run_id);
      }
      applyStep(nodes, step.run_id, step);
    }
    dropOldest(runs, steps, before.shown);
    return { runs, steps };
  });
}

function dropOldest(runs: RunState["runs"], steps: RunState["steps"], shown: string | null): void {
  const ids = [...new Set([...Object.keys(runs), ...Object.keys(steps)])];
  for (const id of ids.slice(0, Math.max(0, ids.length - KEPT_RUNS))) {
    if (id === shown) continue;
    delete runs[id];
    delete steps[id];
    iterations.delete(id);
  }
}

function schedule(): void {
  if (frame === null) frame = requestAnimationFrame(applyWaiting);
}

/** Takes a live event about a run; it shows at the next frame. */
export function takeRun(run: LiveRun): void {
  waitingRuns.push(run);
  schedule();
}

/** Takes a live event about a step; it shows at the next frame. */
export function takeStep(step: LiveStep): void {
  waitingSteps.push(step);
  schedule();
}

/** Reads one node's state in the run that is shown: `useRunState(stepState("check"))`. */
export const stepState =
  (nodeId: string) =>
  (state: RunState): NodeState | undefined =>
    state.shown === null ? undefined : state.steps[state.shown]?.[nodeId];

/** One node's state, in the run that is shown or in the one named. */
export function useStepState(nodeId: string, runId?: string): NodeState | undefined {
  return useRunState(
    useCallback(
      (state: RunState) => {
        const run = runId ?? state.shown;
        return run === null ? undefined : state.steps[run]?.[nodeId];
      },
      [nodeId, runId],
    ),
  );
}

/** How many steps of a node ended without passing anything on. */
export function stoppedAt({ counts, ports }: NodeState): number {
  return Math.max(0, (counts.failed ?? 0) - (ports.error ?? 0));
}

/** What live events last told about a run. */
export function useLiveRun(runId: string): LiveRun | undefined {
  return useRunState(useCallback((state: RunState) => state.runs[runId], [runId]));
}

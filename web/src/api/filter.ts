/** Which runs and which of their steps are meant. */
import type { Instant, RunState, StepState } from "./contract";

/** How a node's steps stand, and the last iteration among them. */
export interface StepTotal {
  states: Partial<Record<StepState, number>>;
  ports: Record<string, number>;
  last: number[];
}

/** Which steps of a run are meant. */
export interface StepQuery {
  node?: string;
  state?: StepState;
  /** `3,0`: of this round and those in it. */
  iteration_prefix?: string;
  /** Of later rounds than this one. */
  after?: string;
  text?: string;
  limit?: number;
}

/** Which runs are meant; those that fit everything that is given. */
export interface RunFilter {
  flow?: string;
  state?: RunState[];
  /** Instants: began at or after the one, and before the other. */
  from?: Instant;
  to?: Instant;
  /** A business key, `order:1001`, or its value alone. */
  key?: string;
  /** A text in the event, in an error, or in what a step gave or got. */
  text?: string;
  /** A run's id, or the value of a business key. */
  q?: string;
  /** The node that fired. */
  trigger?: string;
  /** Only runs that people started, or only others. */
  by_hand?: boolean;
}

export interface RunQuery extends RunFilter {
  limit?: number;
  cursor?: string;
}

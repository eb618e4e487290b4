/** Versions of a flow, the runs that wait on them, and the people who have it open. */
import type { Instant } from "./contract";

export interface FlowVersion {
  /** Null where it was published before versions had numbers. */
  number: number | null;
  version: string;
  name: string | null;
  published_at: Instant;
  published_by: string;
  /** The author's name; null for a program. */
  author: string | null;
  live: boolean;
  /** How many of the newest runs are on this version, and how many of them wait. */
  runs: number;
  waiting: number;
}

/** What becomes of runs that wait on older versions. */
export type Fate = "stay" | "move" | "cancel";

/** Why runs stay on their version: the node that they wait at, the way to it, limits… */
export interface StayingRuns {
  why: "node" | "path" | "limit" | "missing" | "busy";
  node: string | null;
  title: string | null;
  runs: number;
}

export interface WaitingRuns {
  runs: number;
  /** Of so many it is known whether they may move. */
  looked_at: number;
  may_move: number;
  stay: StayingRuns[];
}

export interface SettledRuns {
  fate: Fate;
  done: number;
  stay: StayingRuns[];
  /** Where to go on; null at the end. */
  next: string | null;
}

/** Somebody's tab that has a flow open. */
export interface Person {
  tab: string;
  user: string;
  name: string;
  /** The node that they look at. */
  node: string | null;
  edits: boolean;
  since: Instant;
}

export interface LivePresence {
  flow_id: string;
  people: Person[];
}

/** A draft was saved, or a version published. */
export interface LiveFlow {
  flow_id: string;
  what: "draft" | "published";
  by: string;
  etag?: string;
  tab?: string | null;
}

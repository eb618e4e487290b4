/** Pinned data, trials of parts of a draft, and what they would do outside. */
import type { Effect, Instant } from "./contract";
import type { Json } from "./json";

/** Data that stands in for a node's output while a draft is tried. */
export interface Pin {
  node: string;
  port: string;
  output: Json;
  /** The run that it is from; null where somebody typed it. */
  run: string | null;
  updated_at: Instant;
  updated_by: string | null;
}

export type NewPin = { output: Json; port?: string } | { run: string; iteration?: number[] };

/** Some nodes only, and whose data they get. */
export interface PartOfFlow {
  until?: string;
  only?: string;
  from?: string;
  run?: string;
}

/** Something that a run would do outside. */
export interface OutsideEffect {
  node: string;
  title: string;
  type: string;
  action: string;
  connection: string | null;
  account: string | null;
  host: string | null;
  effect: Effect;
  costly: boolean;
  /** An earlier run of the family did it already. */
  done: boolean;
}

/** What has to be confirmed before a trial begins. */
export interface Doings {
  effects: OutsideEffect[];
  /** What stands for just these effects in the confirmation. */
  confirm: string;
  /** Titles of nodes that did something and are not to do it again. */
  kept: string[];
}

/** Data that somebody changed before another try. */
export interface Changes {
  event?: Json;
  steps?: { node: string; iteration?: number[]; output: Json }[];
}

/** What a run by hand starts with. */
export interface NewRun {
  event?: Json;
  trigger?: string;
  version?: "draft" | "published";
  /** Some nodes only. */
  part?: PartOfFlow;
  /** Whether pinned data stands in for nodes. */
  pins?: boolean;
  /** What was done in the family of the run whose data is taken is not done again. */
  keep?: boolean;
  /** What was confirmed of what happens outside; empty: ask. */
  confirm?: string;
}

/** What the desks answer: questions, doubts, alerts and timelines. */
import type {
  Act,
  Failure,
  Instant,
  Outcome,
  Page,
  RerunStart,
  RunState,
  RunSummary,
  Step,
} from "./contract";
import type { Json, JsonObject } from "./json";
import type { Changes } from "./trial";

/** A page of runs; a search for text says how far back it has looked. */
export interface RunPage extends Page<RunSummary> {
  searched?: { runs: number; back_to: Instant | null };
}

export interface RunCounts {
  counts: Partial<Record<RunState, number>>;
  /** How far back they were counted; null: all of them. */
  back_to: Instant | null;
}

export type Rerun =
  | { from: RerunStart; version?: "same" | "newest"; changes?: Changes }
  /** Everything once more, confirmed by the run's id. */
  | { again: true; confirm: string };

/** A question that waits for somebody's answer. */
export interface Approval {
  run: string;
  flow: string;
  flow_name: string;
  node: string;
  node_title: string;
  iteration: number[];
  kind: "approve" | "brake" | "answer";
  title: string;
  text: string;
  details: Json;
  to: string[];
  ports: string[];
  opened_at: Instant;
  due_at: Instant | null;
  /** The way out that is taken when its time is over. */
  default: string | null;
  may_answer: boolean;
}

/** A step of which nobody knows whether it happened. */
export interface Doubt {
  run: RunSummary;
  title: string;
  type: string;
  connector: string;
  connection: string | null;
  costly: boolean;
  step: Step;
}

/** Which doubts a bulk answer is about. */
export interface DoubtFilter {
  flow?: string;
  connection?: string;
  node?: string;
}

export interface BulkAnswer extends DoubtFilter {
  outcome: Outcome;
  runs?: string[];
  reference?: string;
}

interface Place {
  run: string;
  node?: string;
  iteration?: number[];
}

type Refused = Place & { code: string; message: string };

export interface BulkAnswered {
  answered: Place[];
  refused: Refused[];
  more: boolean;
}

export type AlertKind = "failed" | "asking" | "quarantined" | "connection" | "watch" | "paused";

export interface Alert {
  id: string;
  kind: AlertKind | string;
  state: "new" | "seen";
  flow: string | null;
  flow_name: string | null;
  code: string | null;
  node: string | null;
  node_title: string | null;
  message: string;
  /** The failure that it tells of, to be said in the reader's language. */
  error?: Failure | null;
  details: JsonObject;
  count: number;
  day: string;
  first_at: Instant;
  last_at: Instant;
  run: string | null;
  seen_at: Instant | null;
  seen_by: string | null;
}

/** Something that touched an order, a person or a SKU. */
export type TimelineEntry =
  | { at: Instant; what: "event"; event: { id: string; type: string }; runs: string[] }
  | { at: Instant; what: "began"; run: string; item: RunSummary; more_steps: number }
  | {
      at: Instant;
      what: "step" | "wait";
      run: string;
      title: string;
      type: string;
      connector: string;
      category: string;
      step: Step;
    }
  | {
      at: Instant;
      what: "ended";
      run: string;
      state: RunState;
      reason: string | null;
      error: Failure | null;
    }
  | { at: Instant; what: "act"; run: string; act: Act };

export interface Timeline {
  kind: string;
  value: string;
  items: TimelineEntry[];
  next: string | null;
}

export interface Stopped {
  stopped: string[];
  refused: Refused[];
  more: boolean;
}

export interface Hurried {
  hurried: Place[];
  refused: Refused[];
  more: boolean;
}

export type NoticeState = "waiting" | "sent" | "given_up" | "withdrawn";

/** A message to a person about a question or an alert. */
export interface Notice {
  id: string;
  state: NoticeState;
  to: string;
  connection: string | null;
  language: string;
  subject: string;
  text: string;
  links: string[];
  flow: string | null;
  run: string | null;
  node: string | null;
  attempts: number;
  created_at: Instant;
  sent_at: Instant | null;
  next_at: Instant | null;
  problem: { code: string; message: string } | null;
}

/** Which connections bring messages to people. */
export interface NoticeWay {
  chosen: string[];
  used: string[];
  /** Those that could. */
  connections: { id: string; name: string; connector: string; reaches: string }[];
}

/** A named table that flows keep; there as soon as it has a row. */
export interface DataTable {
  name: string;
  rows: number;
  updated_at: Instant;
}

export interface DataRow {
  key: string;
  row: JsonObject;
}

export interface TableImport {
  rows?: DataRow[];
  /** Text with a line of names. */
  csv?: string;
  /** The column of the CSV that holds the rows' keys. */
  key?: string;
  /** The columns that hold numbers; all others are texts. */
  numbers?: string[];
  /** Whether rows that are not in the import go. */
  replace?: boolean;
}

/** A value that every flow of the workspace reads as `vars.name`. */
export interface Variable {
  name: string;
  value: Json;
}

/** When a schedule fires next. */
export interface Timetable {
  timezone: string;
  next: Instant[];
}

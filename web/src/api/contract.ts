/** What the server's answers look like: the API contract, field by field. */
import type { StepTotal } from "./filter";
import type { Json, JsonObject } from "./json";
import type { Problem } from "./problem";
import type { SettledRuns } from "./version";

export type * from "./filter";
export type * from "./version";
export type { Problem };

/** A moment in RFC 3339 text, in UTC. */
export type Instant = string;
export type Language = "en" | "es" | "pt" | "ro";
export type Role = "owner" | "editor" | "viewer";

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

export interface Session {
  user: { id: string; name: string; email: string; language: Language };
  role: Role;
  workspace: { id: string; name: string };
  csrf: string;
  version: string;
  demo: boolean;
  public_url: string;
}

export type RedeemedLink =
  | { purpose: "owner" | "invitation"; email: string; role: Role }
  | ({ purpose: "sign_in" } & Session);

export interface NewAccount {
  token: string;
  name: string;
  email: string;
  password: string;
  language: Language;
}

export interface Member {
  id: string;
  name: string;
  email: string;
  role: Role;
  joined_at?: Instant;
}

export interface Invitation {
  url: string;
  expires_at: Instant;
}

export interface Token {
  id: string;
  name: string;
  role: Role;
  created_at?: Instant;
  last_used_at?: Instant | null;
}

export interface NewToken {
  id: string;
  name: string;
  token: string;
}

export type FlowState = "draft" | "active" | "paused";

export interface FlowSummary {
  id: string;
  name: string;
  state: FlowState;
  version: string | null;
  draft_changed: boolean;
  problem_count: number;
  triggers: string[];
  updated_at: Instant;
  last_run: { id: string; state: RunState; started_at: Instant } | null;
}

/** A flow document as it is stored; `model/` knows its parts. */
export type FlowDocument = JsonObject;

export interface Address {
  node: string;
  url: string;
  test_url: string;
}

export interface Flow<Document = FlowDocument> {
  id: string;
  document: Document;
  etag: string;
  state: FlowState;
  published: {
    version: string;
    number: number | null;
    published_at: Instant;
    addresses: Address[];
  } | null;
  problems: Problem[];
}

export interface SavedDraft {
  etag: string;
  problems: Problem[];
}

export interface Published {
  version: string;
  number: number;
  waiting: SettledRuns | null;
  published_at: Instant;
  addresses: Address[];
}

export type RunState =
  | "queued"
  | "running"
  | "waiting"
  | "asking"
  | "succeeded"
  | "failed"
  | "cancelled"
  | "quarantined";

export type StepState =
  | "running"
  | "waiting"
  | "asking"
  | "succeeded"
  | "failed"
  | "skipped"
  | "cancelled";

export type Effect = "pure" | "stored" | "repeatable" | "keyed" | "never_repeat";

export interface BusinessKey {
  kind: string;
  value: string;
}

export interface Failure {
  code: string;
  /** As it was raised, in English. */
  message: string;
  details?: Json;
  /** What its sentence is filled with; `words` are what the other side wrote. */
  params?: JsonObject;
  /** The same in the reader's language, where that has a sentence for it. */
  said?: string;
}

export interface RunSummary {
  id: string;
  flow_id: string;
  flow_name: string;
  version: string;
  state: RunState;
  reason: string | null;
  trigger: string;
  keys: BusinessKey[];
  started_at: Instant | null;
  ended_at: Instant | null;
  duration_ms: number | null;
  error: Failure | null;
  by_hand: boolean;
  /** The first run of its family. */
  origin: string;
  /** The run that this one goes on with. */
  copied_from: string | null;
  rerun: RerunKind | null;
  /** The step that a failed run ended at, as its version of the flow calls it. */
  failed_at?: { node: string; label: string | null; type: string | null };
  /** Where a search for text found it: the words before it, itself, and after it. */
  hit?: { where: "event" | "error" | "step"; before: string; text: string; after: string };
}

/** Where another try begins: at what failed, or at the start without doing anything twice. */
export type RerunStart = "failed" | "start";

/** How much a run takes over: a try says where it begins, a trial ran some nodes of a draft, and
 * one with changed data goes on with what somebody said. */
export type RerunKind = RerunStart | "part" | "changed";

/** An event that a step waits for, about one business key. */
export interface AwaitedEvent {
  type: string;
  kind: string;
  value: string;
  /** The way out that it opens; `left` where waiting has no sense any more then. */
  port?: string;
}

/** A question to people; whoever answers chooses one of the ports. */
export interface Ask {
  kind: "approve" | "brake" | "answer";
  title: string;
  text?: string;
  /** Who is asked; nobody named: everybody who may edit. */
  to?: string[];
  ports?: string[];
  details?: Json;
}

export interface WaitsFor {
  events?: AwaitedEvent[];
  ask?: Ask;
}

export interface Step {
  node: string;
  iteration: number[];
  state: StepState;
  attempts: number;
  effect: Effect | null;
  port: string | null;
  input?: Json;
  output?: Json;
  error?: Failure | null;
  started_at: Instant | null;
  ended_at: Instant | null;
  due_at?: Instant | null;
  /** What it waits for besides its time, while it waits. */
  waits_for?: WaitsFor;
  /** The run whose end it waits for. */
  calls?: string;
  /** Taken over from the run that this one goes on with. */
  copied?: boolean;
  /** It did not run: somebody said how it ends. */
  given?: boolean;
}

/** What somebody did to a run. */
export interface Act {
  at: Instant;
  actor: string;
  actor_name: string | null;
  what: "answer" | "rerun" | "again" | "cancel" | "release" | "hurry" | "stop" | "trial" | "move";
  run: string;
  node: string | null;
  iteration: number[];
  outcome: Outcome | null;
  reference: string | null;
}

export interface Family {
  origin: string;
  items: RunSummary[];
  acts: Act[];
}

export interface Run<Document = FlowDocument> {
  format: number;
  id: string;
  flow: string;
  flow_name: string;
  /** Its versions stay, and this run with them; the flow itself is gone. */
  flow_deleted?: boolean;
  version: string;
  state: RunState;
  reason: string | null;
  trigger: string;
  by_hand: boolean;
  origin: string;
  copied_from: string | null;
  rerun: RerunKind | null;
  error: Failure | null;
  keys: BusinessKey[];
  event: { id: string; type: string; payload: Json; received_at: Instant } | null;
  started_at: Instant | null;
  ended_at: Instant | null;
  /** The first of them where there are many. */
  steps: Step[];
  /** All steps counted by node, where `steps` holds only the first. */
  totals?: Record<string, StepTotal>;
  acts: Act[];
  document: Document;
}

/** What a person says about a step whose outcome nobody knows. */
export type Outcome = "happened" | "resend" | "abort";

export interface StepAnswer {
  outcome: Outcome;
  iteration?: number[];
  output?: Json;
  /** Under which name it is known at the other side, for one that happened. */
  reference?: string;
}

export interface StepReply {
  port: string;
  data?: Json;
  iteration?: number[];
}

export interface LiveRun {
  id: string;
  flow_id: string;
  version: string;
  state: RunState;
  reason: string | null;
  trigger: string;
  keys: BusinessKey[];
  started_at: Instant | null;
  ended_at: Instant | null;
}

export interface LiveStep {
  run_id: string;
  flow_id: string;
  node: string;
  iteration: number[];
  state: StepState;
  attempts: number;
  port: string | null;
  at: Instant;
  error?: Failure | null;
}

export type JsonSchema = JsonObject;

export interface Port {
  name: string;
  title: string;
}

export interface NodeType {
  type: string;
  v: number;
  kind: "trigger" | "action" | "control";
  connector: string;
  title: string;
  summary: string;
  category: string;
  synonyms: string[];
  icon: string;
  ports: Port[];
  /** Where the params name further ports, as a JSON pointer with `*` for "each". */
  own_ports: string | null;
  params_schema: JsonSchema;
  output_schema: JsonSchema | null;
  output_example: Json;
  effect: Effect;
  inline: boolean;
  costly: boolean;
  connection: "none" | "optional" | "required";
  source: "webhook" | "schedule" | "manual" | "poll" | "form" | "flow" | null;
  choices: Record<string, string>;
  /** The kinds of business keys that a trigger's events carry. */
  keys: string[];
  available: boolean;
  reason: string | null;
}

export interface Connector {
  id: string;
  title: string;
  summary: string;
  icon: string;
  credential_schema: JsonSchema | null;
  twin: boolean;
  available: boolean;
  reason: string | null;
  version: string;
  docs_url: string | null;
}

export interface Filter {
  name: string;
  category: string;
  summary: string;
  signature: string;
  examples: { source: string; result: Json }[];
}

export interface Catalog {
  node_types: NodeType[];
  connectors: Connector[];
  filters: Filter[];
  problems: ProblemWords;
}

/** How problems are told in the reader's language: sentences by code, and words in them. */
export interface ProblemWords {
  sentences: Record<string, string>;
  words: Record<string, string>;
}

export type Target = "live" | "twin";

export interface Connection {
  id: string;
  name: string;
  connector: string;
  target: Target;
  state: "untested" | "ok" | "refused";
  account: string | null;
  tested_at: Instant | null;
  public: JsonObject;
  secret_fields: string[];
  address: string | null;
  /** The names of the active flows that use it. */
  flows: string[];
}

export interface NewConnection {
  connector: string;
  name: string;
  target: Target;
  credential: JsonObject;
}

export interface ConnectionTest {
  ok: boolean;
  account: string | null;
  code: string | null;
  message: string | null;
}

/** How long what is kept, in days; null leaves it to the workspace, and there to the house. */
export interface RetentionChoice {
  success_days?: number | null;
  failure_days?: number | null;
  event_days?: number | null;
  act_days?: number | null;
  metadata_only?: boolean | null;
}

export interface Retention {
  chosen: RetentionChoice;
  holds: RetentionChoice;
  /** The flows with a rule of their own. */
  flows: { flow_id: string; chosen: RetentionChoice; holds: RetentionChoice }[];
}

export interface Choice {
  value: Json;
  label: string;
  hint?: string;
}

export interface TwinCall {
  at: Instant;
  method: string;
  path: string;
  summary: string;
  status: number;
  body: Json;
}

export interface TwinState {
  ledger: TwinCall[];
  items: Json;
}

export interface TwinDelivery {
  status: number;
  events: string[];
  body_text: string;
}

export interface Evaluation {
  template: Json;
  env: JsonObject;
  timezone?: string;
  language?: string;
}

export interface ExpressionProblem {
  path: string | null;
  code: string;
  message: string;
  line: number | null;
  column: number | null;
  offset: number | null;
  params?: JsonObject;
}

export type Evaluated = { ok: true; value: Json } | { ok: false; problems: ExpressionProblem[] };

export interface Health {
  status: string;
  version?: string;
}

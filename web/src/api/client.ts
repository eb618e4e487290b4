/** Every call that the server offers, typed: `api.flows.get(id)`, `api.runs.list(query)`. */
import type {
  Act,
  Catalog,
  Choice,
  Connection,
  ConnectionTest,
  Evaluated,
  Evaluation,
  Family,
  Fate,
  Flow,
  FlowDocument,
  FlowSummary,
  FlowVersion,
  Health,
  Invitation,
  Language,
  Member,
  NewAccount,
  NewConnection,
  NewToken,
  Page,
  Person,
  Problem,
  Published,
  RedeemedLink,
  Retention,
  RetentionChoice,
  Role,
  Run,
  RunFilter,
  RunQuery,
  RunSummary,
  SavedDraft,
  Session,
  SettledRuns,
  Step,
  StepAnswer,
  StepQuery,
  StepReply,
  Token,
  TwinDelivery,
  TwinState,
  WaitingRuns,
} from "./contract";
import type {
  Alert,
  Approval,
  BulkAnswer,
  BulkAnswered,
  DataRow,
  DataTable,
  Doubt,
  DoubtFilter,
  Hurried,
  Notice,
  NoticeState,
  NoticeWay,
  Rerun,
  RunCounts,
  RunPage,
  Stopped,
  TableImport,
  Timeline,
  Timetable,
  Variable,
} from "./desk";
import { type Json, type JsonObject, writeDocument } from "./json";
import { type Call, type Method, part, Transport, type TransportOptions } from "./transport";
import type { Doings, NewPin, NewRun, Pin } from "./trial";

export type PageQuery = { limit?: number; cursor?: string };

export function createApi(options: TransportOptions = {}) {
  const transport = new Transport(options);

  async function call<Body>(method: Method, path: string, parts?: Call): Promise<Body> {
    return (await transport.send<Body>(method, path, parts)).body;
  }

  function keepToken<Answer extends object>(answer: Answer): Answer {
    if ("csrf" in answer && typeof answer.csrf === "string") transport.csrf = answer.csrf;
    return answer;
  }

  const flow = (id: string) => `/flows/${part(id)}`;
  const run = (id: string) => `/runs/${part(id)}`;
  const connection = (id: string) => `/connections/${part(id)}`;

  return {
    transport,

    session: {
      get: (signal?: AbortSignal) =>
        call<Session>("GET", "/session", signal ? { signal } : {}).then(keepToken),
      signIn: (email: string, password: string) =>
        call<Session>("POST", "/session", { body: { email, password } }).then(keepToken),
      setLanguage: (language: Language) =>
        call<Session | undefined>("PATCH", "/session", { body: { language } }),
      async signOut() {
        await call<void>("DELETE", "/session");
        transport.csrf = null;
      },
    },

    links: {
      redeem: (token: string) =>
        call<RedeemedLink>("POST", "/links/redeem", { body: { token } }).then(keepToken),
    },

    accounts: {
      create: (account: NewAccount) =>
        call<Session>("POST", "/accounts", { body: account }).then(keepToken),
    },

    members: {
      list: (page: PageQuery = {}) => call<Page<Member>>("GET", "/members", { query: page }),
      remove: (id: string) => call<void>("DELETE", `/members/${part(id)}`),
    },

    invitations: {
      create: (email: string, role: Role) =>
        call<Invitation>("POST", "/invitations", { body: { email, role } }),
    },

    tokens: {
      list: (page: PageQuery = {}) => call<Page<Token>>("GET", "/tokens", { query: page }),
      create: (name: string, role: Role) =>
        call<NewToken>("POST", "/tokens", { body: { name, role } }),
      remove: (id: string) => call<void>("DELETE", `/tokens/${part(id)}`),
    },

    flows: {
      list: (page: PageQuery = {}) => call<Page<FlowSummary>>("GET", "/flows", { query: page }),
      create: (content: { name: string } | { document: unknown }) =>
        call<Flow>("POST", "/flows", { body: content }),
      async get<Document = FlowDocument>(id: string): Promise<Flow<Document>> {
        const answer = await transport.send<Flow<Document>>("GET", flow(id));
        return { ...answer.body, etag: answer.etag ?? answer.body.etag };
      },
      /** Saves a draft over exactly the one that was read; 412 where somebody was faster. */
      async saveDraft(
        id: string,
        document: object,
        etag: string,
        tab?: string,
      ): Promise<SavedDraft> {
        const answer = await transport.send<SavedDraft>("PUT", `${flow(id)}/draft`, {
          written: writeDocument(document),
          ifMatch: etag,
          query: { tab },
        });
        return { ...answer.body, etag: answer.etag ?? answer.body.etag };
      },
      check: (document: unknown, signal?: AbortSignal) =>
        call<{ problems: Problem[] }>("POST", "/flows/check", {
          body: document,
          ...(signal && { signal }),
        }),
      publish: (id: string, etag: string, said: { name?: string; waiting?: Fate } = {}) =>
        call<Published>("POST", `${flow(id)}/publish`, { ifMatch: etag, body: said }),
      /** How many runs wait on other versions, and how many of them could move. */
      waiting: (id: string, version: "draft" | "published") =>
        call<WaitingRuns>("GET", `${flow(id)}/waiting`, { query: { version } }),
      settleWaiting: (id: string, fate: "move" | "cancel", after?: string) =>
        call<SettledRuns>("POST", `${flow(id)}/waiting`, {
          body: { fate, ...(after !== undefined && { after }) },
        }),
      pause: (id: string) => call<Flow | undefined>("POST", `${flow(id)}/pause`),
      resume: (id: string) => call<Flow | undefined>("POST", `${flow(id)}/resume`),
      remove: (id: string) => call<void>("DELETE", flow(id)),
      export: (id: string) => call<FlowDocument>("GET", `${flow(id)}/export`),
      versions: (id: string, page: PageQuery = {}) =>
        call<Page<FlowVersion>>("GET", `${flow(id)}/versions`, { query: page }),
      version: <Document = FlowDocument>(id: string, version: string) =>
        call<{ version: string; document: Document }>(
          "GET",
          `${flow(id)}/versions/${part(version)}`,
        ),
      nameVersion: (id: string, number: number, name: string | null) =>
        call<void>("PATCH", `${flow(id)}/versions/${number}`, { body: { name } }),
      join: (id: string, tab: string, wish: "read" | "edit" | "take", node: string | null) =>
        call<{ people: Person[]; etag: string }>("POST", `${flow(id)}/presence`, {
          body: { tab, wish, node },
        }),
      leave: (id: string, tab: string) =>
        call<void>("DELETE", `${flow(id)}/presence/${part(tab)}`, { keepalive: true }),
      pins: (id: string) => call<Page<Pin>>("GET", `${flow(id)}/pins`),
      pin: (id: string, node: string, data: NewPin) =>
        call<Pin>("PUT", `${flow(id)}/pins/${part(node)}`, { body: data }),
      unpin: (id: string, node: string) => call<void>("DELETE", `${flow(id)}/pins/${part(node)}`),
      /** Starts a run by hand; where it asks first, what it would do outside and no run. */
      run: (id: string, content: NewRun) =>
        call<{ run: string } | ({ run: null } & Doings)>("POST", `${flow(id)}/runs`, {
          body: content,
        }),
    },

    runs: {
      list: (query: RunQuery = {}, signal?: AbortSignal) =>
        call<RunPage>("GET", "/runs", { query: { ...query }, ...(signal && { signal }) }),
      counts: (filter: RunFilter = {}, signal?: AbortSignal) =>
        call<RunCounts>("GET", "/runs/counts", {
          query: { ...filter },
          ...(signal && { signal }),
        }),
      get: <Document = FlowDocument>(id: string) => call<Run<Document>>("GET", run(id)),
      /** Steps in the order of their rounds, with how many fit in all. */
      steps: (id: string, query: StepQuery, signal?: AbortSignal) =>
        call<Page<Step> & { total: number }>("GET", `${run(id)}/steps`, {
          query: { ...query },
          ...(signal && { signal }),
        }),
      cancel: (id: string) => call<void>("POST", `${run(id)}/cancel`),
      answer: (id: string, node: string, answer: StepAnswer) =>
        call<void>("POST", `${run(id)}/steps/${part(node)}/answer`, { body: answer }),
      reply: (id: string, node: string, reply: StepReply) =>
        call<void>("POST", `${run(id)}/steps/${part(node)}/reply`, { body: reply }),
      /** Lets a step that waits for a time go on now. */
      hurry: (id: string, node: string, iteration: number[] = []) =>
        call<void>("POST", `${run(id)}/steps/${part(node)}/hurry`, {
          body: iteration.length > 0 ? { iteration } : {},
        }),
      /** The whole output of a step, however large. */
      output: (id: string, node: string, iteration: number[] = []) =>
        call<Json>("GET", `${run(id)}/steps/${part(node)}/output`, {
          query: iteration.length > 0 ? { iteration: iteration.join(",") } : {},
        }),
      family: (id: string) => call<Family>("GET", `${run(id)}/family`),
      /** Lets a run have another try and gives the new run. */
      rerun: (id: string, how: Rerun) =>
        call<RunSummary>("POST", `${run(id)}/rerun`, { body: how }),
      release: (id: string) => call<void>("POST", `${run(id)}/release`),
    },

    approvals: {
      list: (query: PageQuery & { flow?: string; run?: string } = {}) =>
        call<Page<Approval>>("GET", "/approvals", { query }),
    },

    doubts: {
      list: (query: PageQuery & DoubtFilter = {}) =>
        call<Page<Doubt>>("GET", "/asking", { query: { ...query } }),
      answers: (page: PageQuery = {}) => call<Page<Act>>("GET", "/asking/answers", { query: page }),
      answer: (answer: BulkAnswer) =>
        call<BulkAnswered>("POST", "/asking/answer", { body: answer }),
    },

    alerts: {
      list: (query: PageQuery & { flow?: string; seen?: boolean } = {}) =>
        call<Page<Alert>>("GET", "/alerts", { query }),
      markSeen: (id: string) => call<void>("POST", `/alerts/${part(id)}/seen`),
    },

    notices: {
      list: (query: PageQuery & { state?: NoticeState } = {}) =>
        call<Page<Notice>>("GET", "/notices", { query }),
      send: (id: string) => call<void>("POST", `/notices/${part(id)}/send`),
      way: () => call<NoticeWay>("GET", "/notices/way"),
      choose: (connections: string[]) =>
        call<NoticeWay>("PUT", "/notices/way", { body: { connections } }),
    },

    timeline: {
      get: (kind: string, value: string, cursor?: string) =>
        call<Timeline>("GET", "/timeline", {
          query: { kind, value, ...(cursor !== undefined && { cursor }) },
        }),
      stop: (kind: string, value: string) =>
        call<Stopped>("POST", "/timeline/stop", { body: { kind, value } }),
      hurry: (kind: string, value: string) =>
        call<Hurried>("POST", "/timeline/hurry", { body: { kind, value } }),
    },

    tables: {
      list: () => call<Page<DataTable>>("GET", "/tables"),
      rows: (table: string, query: PageQuery & { q?: string } = {}) =>
        call<Page<DataRow>>("GET", `/tables/${part(table)}/rows`, { query }),
      put: (table: string, row: DataRow) =>
        call<DataRow>("PUT", `/tables/${part(table)}/rows`, { body: row }),
      removeRow: (table: string, key: string) =>
        call<void>("DELETE", `/tables/${part(table)}/rows`, { query: { key } }),
      remove: (table: string) => call<{ removed: number }>("DELETE", `/tables/${part(table)}`),
      takeIn: (table: string, content: TableImport) =>
        call<{ rows: number }>("POST", `/tables/${part(table)}/import`, { body: content }),
      giveOut: (table: string) =>
        call<{ csv: string }>("GET", `/tables/${part(table)}/export`, { query: { form: "csv" } }),
    },

    variables: {
      list: () => call<Page<Variable>>("GET", "/variables"),
      put: (name: string, value: Json) =>
        call<Variable>("PUT", `/variables/${part(name)}`, { body: { value } }),
      remove: (name: string) => call<void>("DELETE", `/variables/${part(name)}`),
    },

    timetable: {
      /** When a schedule that is still being written would fire. */
      preview: (params: JsonObject, timezone: string, signal?: AbortSignal) =>
        call<Timetable>("POST", "/timetable", {
          body: { params, timezone },
          ...(signal && { signal }),
        }),
    },

    catalog: {
      get: () => call<Catalog>("GET", "/catalog"),
    },

    connections: {
      list: (page: PageQuery = {}) =>
        call<Page<Connection>>("GET", "/connections", { query: page }),
      create: (content: NewConnection) =>
        call<Connection>("POST", "/connections", { body: content }),
      update: (id: string, changes: { name?: string; credential?: JsonObject }) =>
        call<Connection>("PATCH", connection(id), { body: changes }),
      remove: (id: string) => call<void>("DELETE", connection(id)),
      test: (id: string) => call<ConnectionTest>("POST", `${connection(id)}/test`),
      choices: (id: string, name: string, q = "", signal?: AbortSignal) =>
        call<{ items: Choice[] }>("GET", `${connection(id)}/choices/${part(name)}`, {
          query: { q },
          ...(signal && { signal }),
        }),
      twin: (id: string) => call<TwinState>("GET", `${connection(id)}/twin`),
      deliver: (id: string, type: string, payload?: Json) =>
        call<TwinDelivery>("POST", `${connection(id)}/twin/deliver`, {
          body: payload === undefined ? { type } : { type, payload },
        }),
    },

    retention: {
      get: () => call<Retention>("GET", "/retention"),
      /** Chooses for a flow, or for the workspace. */
      put: (choice: RetentionChoice, id?: string) =>
        call<Retention>("PUT", id === undefined ? "/retention" : `${flow(id)}/retention`, {
          body: choice,
        }),
      sweep: () => call<unknown>("POST", "/retention/sweep"),
    },

    expressions: {
      evaluate: (evaluation: Evaluation, signal?: AbortSignal) =>
        call<Evaluated>("POST", "/expressions/evaluate", {
          body: evaluation,
          ...(signal && { signal }),
        }),
    },

    health: () => call<Health>("GET", "/health"),
  };
}

export type Api = ReturnType<typeof createApi>;

/** The client of the page that is open. */
export const api: Api = createApi();

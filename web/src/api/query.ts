/** The server's answers as cached queries: one hook for each thing that a page shows. */
import { useLingui } from "@lingui/react";
import {
  type InfiniteData,
  QueryClient,
  type QueryKey,
  useInfiniteQuery,
  useQuery,
} from "@tanstack/react-query";
import { useMemo } from "react";
import { api } from "./client.ts";
import type { NodeType, Page, RunFilter, RunQuery, Session } from "./contract.ts";
import type { DoubtFilter } from "./desk.ts";
import type { JsonObject } from "./json.ts";
import { isProblem } from "./problem.ts";

/** Nobody is signed in; whether anybody could be yet, and whether it takes no password. */
export interface SignedOut {
  user: null;
  ownerExists: boolean;
  demo: boolean;
}

export const keys = {
  session: ["session"] as const,
  flows: ["flows"] as const,
  versions: (flow: string) => ["flows", flow, "versions"] as const,
  version: (flow: string, version: string) => ["flows", flow, "version", version] as const,
  waiting: (flow: string) => ["flows", flow, "waiting"] as const,
  runs: ["runs"] as const,
  runList: (query: RunQuery) => ["runs", "list", query] as const,
  run: (id: string) => ["runs", "one", id] as const,
  family: (id: string) => ["runs", "family", id] as const,
  runCounts: (filter: RunFilter) => ["runs", "counts", filter] as const,
  approvals: ["runs", "approvals"] as const,
  doubts: (filter: DoubtFilter) => ["runs", "doubts", filter] as const,
  doubtAnswers: ["runs", "doubts", "answers"] as const,
  timeline: (kind: string, value: string) => ["runs", "timeline", kind, value] as const,
  alerts: ["alerts"] as const,
  alertList: (filter: { seen?: boolean }) => ["alerts", filter] as const,
  tables: ["tables"] as const,
  tableRows: (table: string, q: string) => ["tables", table, q] as const,
  variables: ["variables"] as const,
  timetable: (params: JsonObject, timezone: string) => ["timetable", params, timezone] as const,
  notices: ["notices"] as const,
  noticeWay: ["notices", "way"] as const,
  catalog: (language: string) => ["catalog", language] as const,
  connections: ["connections"] as const,
  twin: (id: string) => ["connections", id, "twin"] as const,
  retention: ["retention"] as const,
  members: ["members"] as const,
  tokens: ["tokens"] as const,
};

const STALE_MS = 15_000;

export function createQueries(): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: STALE_MS,
        refetchOnWindowFocus: false,
        retry: (failures, error) => failures < 2 && (!isProblem(error) || error.passing),
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
  // A session that ended elsewhere, whichever call met it: the gate reads it again and asks for the
  // sign-in. The reading itself meets it too, and must not begin anew for that.
  api.transport.onSignedOut = () => {
    const known = client.getQueryData<Session | SignedOut>(keys.session);
    if (!known?.user) return;
    void client.invalidateQueries({ queryKey: keys.session }, { cancelRefetch: false });
  };
  return client;
}

async function readSession(): Promise<Session | SignedOut> {
  try {
    return await api.session.get();
  } catch (error) {
    if (!isProblem(error) || error.status !== 401) throw error;
    const { owner_exists, demo } = error.params;
    return { user: null, ownerExists: owner_exists !== false, demo: demo === true };
  }
}

export function useSessionQuery() {
  return useQuery({
    queryKey: keys.session,
    queryFn: readSession,
    staleTime: 60_000,
    // Who signs in again in another tab goes on in this one.
    refetchOnWindowFocus: (query) => query.state.data?.user === null && "always",
  });
}

/** A list read page by page; `items` holds every page read so far. */
function usePages<Answer extends Page<unknown>>(
  queryKey: QueryKey,
  read: (cursor: string | undefined, signal: AbortSignal) => Promise<Answer>,
) {
  const query = useInfiniteQuery<
    Answer,
    Error,
    InfiniteData<Answer, string | undefined>,
    QueryKey,
    string | undefined
  >({
    queryKey,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    initialPageParam: undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const pages = query.data?.pages;
  // The same list as long as the pages are the same: effects depend on it.
  const items: Answer["items"] | undefined = useMemo(
    () => pages?.flatMap((page) => page.items),
    [pages],
  );
  return { ...query, items };
}

const cursorOf = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor });

export const useFlows = () => usePages(keys.flows, (cursor) => api.flows.list(cursorOf(cursor)));

export const useVersions = (flow: string) =>
  usePages(keys.versions(flow), (cursor) => api.flows.versions(flow, cursorOf(cursor)));

export const useRuns = (query: RunQuery) =>
  usePages(keys.runList(query), (cursor, signal) =>
    api.runs.list({ limit: 30, ...query, ...cursorOf(cursor) }, signal),
  );

export const useRun = (id: string) =>
  useQuery({ queryKey: keys.run(id), queryFn: () => api.runs.get(id) });

/** The runs that share a run's origin, oldest first. */
export const useFamily = (id: string) =>
  useQuery({ queryKey: keys.family(id), queryFn: () => api.runs.family(id) });

export const useRunCounts = (filter: RunFilter) =>
  useQuery({
    queryKey: keys.runCounts(filter),
    queryFn: ({ signal }) => api.runs.counts(filter, signal),
    placeholderData: (before) => before,
  });

export const useApprovals = () =>
  usePages(keys.approvals, (cursor) => api.approvals.list(cursorOf(cursor)));

export const useDoubts = (filter: DoubtFilter) =>
  usePages(keys.doubts(filter), (cursor) => api.doubts.list({ ...filter, ...cursorOf(cursor) }));

export const useDoubtAnswers = () =>
  usePages(keys.doubtAnswers, (cursor) => api.doubts.answers(cursorOf(cursor)));

export const useAlerts = (filter: { seen?: boolean }) =>
  usePages(keys.alertList(filter), (cursor) => api.alerts.list({ ...filter, ...cursorOf(cursor) }));

export const useTables = () => usePages(keys.tables, () => api.tables.list());

export const useTableRows = (table: string, q: string) =>
  usePages(keys.tableRows(table, q), (cursor) =>
    api.tables.rows(table, { ...(q !== "" && { q }), ...cursorOf(cursor) }),
  );

export const useVariables = () => usePages(keys.variables, () => api.variables.list());

/** When a schedule would fire next; it is asked again whenever the schedule changes. */
export const useTimetable = (params: JsonObject, timezone: string) =>
  useQuery({
    queryKey: keys.timetable(params, timezone),
    queryFn: ({ signal }) => api.timetable.preview(params, timezone, signal),
    retry: false,
    placeholderData: (before) => before,
  });

export const useNotices = () =>
  usePages([...keys.notices, "list"], (cursor) => api.notices.list(cursorOf(cursor)));

export const useNoticeWay = () =>
  useQuery({ queryKey: keys.noticeWay, queryFn: () => api.notices.way() });

/** What touched an order, a person or a SKU, from the newest runs back. */
export const useTimeline = (kind: string, value: string) =>
  usePages(keys.timeline(kind, value), (cursor) => api.timeline.get(kind, value, cursor));

/**
 * Node types and connectors; their texts are in the given language.
 *
 * While a new language is on its way those of the old one stay: what is open is not closed by it.
 */
export const useCatalog = (language: string) =>
  useQuery({
    queryKey: keys.catalog(language),
    queryFn: () => api.catalog.get(),
    placeholderData: (before) => before,
    staleTime: 5 * 60_000,
  });

/** A type of node in the language of the page: what its fields are called, among other things. */
export function useNodeType(type: string | null): NodeType | undefined {
  const { i18n } = useLingui();
  const catalog = useCatalog(i18n.locale);
  return catalog.data?.node_types.find((known) => known.type === type);
}

export const useConnections = () =>
  usePages(keys.connections, (cursor) => api.connections.list(cursorOf(cursor)));

export const useTwin = (id: string) =>
  useQuery({ queryKey: keys.twin(id), queryFn: () => api.connections.twin(id), staleTime: 0 });

export const useMembers = () =>
  usePages(keys.members, (cursor) => api.members.list(cursorOf(cursor)));

export const useTokens = () => usePages(keys.tokens, (cursor) => api.tokens.list(cursorOf(cursor)));

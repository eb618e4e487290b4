/** The filters of the run list as they stand in the address, and as the server takes them. */
import type { RunFilter, RunState } from "~/api/contract.ts";

/** What people look for first comes first. */
export const offered: RunState[] = [
  "asking",
  "waiting",
  "failed",
  "quarantined",
  "running",
  "queued",
  "succeeded",
  "cancelled",
];

const HOUR_MS = 3_600_000;
export const periods = {
  "1h": HOUR_MS,
  "24h": 24 * HOUR_MS,
  "7d": 7 * 24 * HOUR_MS,
  "30d": 30 * 24 * HOUR_MS,
} as const;
export type Period = keyof typeof periods | "own";

/** What an address asks for. */
export interface Asked {
  states: RunState[];
  flow: string | null;
  /** A key's value or a run's id; with `deep`, any text in what runs gave or got. */
  words: string;
  deep: boolean;
  period: Period | null;
  from: string | null;
  to: string | null;
  /** Only runs that people started, or only others. */
  began: "hand" | "itself" | null;
}

export function readAsked(search: URLSearchParams): Asked {
  const period = search.get("period");
  const text = search.get("text");
  const began = search.get("began");
  return {
    states: offered.filter((state) => search.getAll("state").includes(state)),
    flow: search.get("flow"),
    words: text ?? search.get("q") ?? "",
    deep: text !== null,
    period: period === "own" || (period !== null && period in periods) ? (period as Period) : null,
    from: search.get("from"),
    to: search.get("to"),
    began: began === "hand" || began === "itself" ? began : null,
  };
}

export function writeAsked(asked: Asked): URLSearchParams {
  const search = new URLSearchParams();
  for (const state of asked.states) search.append("state", state);
  if (asked.flow) search.set("flow", asked.flow);
  if (asked.deep) search.set("text", asked.words);
  else if (asked.words) search.set("q", asked.words);
  if (asked.period) search.set("period", asked.period);
  if (asked.period === "own" && asked.from) search.set("from", asked.from);
  if (asked.period === "own" && asked.to) search.set("to", asked.to);
  if (asked.began) search.set("began", asked.began);
  return search;
}

/** The address's wishes as the server takes them; `nowMs` is where "the last hour" ends. */
export function filterOf(asked: Asked, nowMs: number): RunFilter {
  const { states, flow, words, deep, period, from, to, began } = asked;
  const since =
    period === "own" ? from : period ? new Date(nowMs - periods[period]).toISOString() : null;
  return {
    ...(flow && { flow }),
    ...(states.length > 0 && { state: states }),
    ...(words.trim() !== "" && (deep ? { text: words.trim() } : { q: words.trim() })),
    ...(since && { from: since }),
    ...(period === "own" && to && { to }),
    ...(began && { by_hand: began === "hand" }),
  };
}

export const isNarrowed = (asked: Asked): boolean => writeAsked(asked).size > 0;

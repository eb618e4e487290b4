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
/** A length of time back from now, one day as `2026-11-17`, or two moments. */
export type Period = keyof typeof periods | "own" | `${number}-${number}-${number}`;

const isDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(midnight(text, 0).getTime());

/** When a day begins on the reader's own clock, or the one so many days later. */
function midnight(day: string, later: number): Date {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later);
}

/** A moment's day on the reader's own clock, or that of so many days before. */
export function dayOf(nowMs: number, before: number): Period {
  const at = new Date(nowMs);
  at.setDate(at.getDate() - before);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}` as Period;
}

const isPeriod = (text: string): text is Period => text === "own" || text in periods || isDay(text);

/** Between which instants a run began; open ends are left out. */
function spanOf({ period, from, to }: Asked, nowMs: number): { from?: string; to?: string } {
  if (period === null) return {};
  if (period === "own") return { ...(from && { from }), ...(to && { to }) };
  if (period in periods) {
    const length = periods[period as keyof typeof periods];
    return { from: new Date(nowMs - length).toISOString() };
  }
  return { from: midnight(period, 0).toISOString(), to: midnight(period, 1).toISOString() };
}

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
  /** The node of the chosen flow that fired. */
  trigger: string | null;
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
    period: period !== null && isPeriod(period) ? period : null,
    from: search.get("from"),
    to: search.get("to"),
    began: began === "hand" || began === "itself" ? began : null,
    trigger: search.get("flow") === null ? null : search.get("trigger"),
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
  if (asked.flow && asked.trigger) search.set("trigger", asked.trigger);
  return search;
}

/** The address's wishes as the server takes them; `nowMs` is where "the last hour" ends. */
export function filterOf(asked: Asked, nowMs: number): RunFilter {
  const { states, flow, words, deep, began, trigger } = asked;
  return {
    ...(flow && { flow }),
    ...(states.length > 0 && { state: states }),
    ...(words.trim() !== "" && (deep ? { text: words.trim() } : { q: words.trim() })),
    ...spanOf(asked, nowMs),
    ...(flow && trigger && { trigger }),
    ...(began && { by_hand: began === "hand" }),
  };
}

export const isNarrowed = (asked: Asked): boolean => writeAsked(asked).size > 0;

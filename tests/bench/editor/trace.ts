/** What Chrome says that a page's main thread did: tasks with their processor time, and frames. */
import type { Page } from "playwright-core";

export interface TraceEvent {
  name: string;
  ph: string;
  ts: number;
  dur?: number;
  tdur?: number;
  pid: number;
  tid: number;
  args: { name?: string };
}

/** What happened between two marks, in milliseconds. */
export interface Recorded {
  /** Between one frame's start and the next, as the page saw it. */
  frames: number[];
  /** The main thread's processor time for each of those frames. */
  cpu: number[];
  /** Tasks of more than 50 ms, in processor time. */
  longTasks: number[];
  /** All of the main thread's processor time. */
  busy: number;
}

const categories = [
  "toplevel",
  "devtools.timeline",
  "disabled-by-default-devtools.timeline",
  "blink.user_timing",
];
const longest_ms = 50;
const startMark = "bench-start";
const endMark = "bench-end";

/** Records what the page does while `act` goes on. */
export async function record(page: Page, act: () => Promise<void>): Promise<Recorded> {
  let frames: number[] = [];
  const events = await trace(page, async () => {
    frames = await framesDuring(page, act);
  });
  return { frames, ...digest(events) };
}

/** Everything that Chrome notes while `act` goes on. */
export async function trace(page: Page, act: () => Promise<void>): Promise<TraceEvent[]> {
  const browser = page.context().browser();
  if (!browser) throw new Error("The page has no browser.");
  const session = await browser.newBrowserCDPSession();
  const events: TraceEvent[] = [];
  session.on("Tracing.dataCollected", ({ value }) => {
    events.push(...(value as unknown as TraceEvent[]));
  });
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: categories, excludedCategories: ["*"] },
  });
  await act();
  const done = new Promise<void>((end) => session.once("Tracing.tracingComplete", () => end()));
  await session.send("Tracing.end");
  await done;
  await session.detach();
  return events;
}

async function framesDuring(page: Page, act: () => Promise<void>): Promise<number[]> {
  await page.evaluate((name) => {
    const held = globalThis as unknown as { bench: { at: number[]; on: boolean } };
    held.bench = { at: [], on: true };
    performance.mark(name);
    const next = (at: number) => {
      held.bench.at.push(at);
      if (held.bench.on) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  }, startMark);
  await act();
  const at = await page.evaluate((name) => {
    const { bench } = globalThis as unknown as { bench: { at: number[]; on: boolean } };
    bench.on = false;
    performance.mark(name);
    return bench.at;
  }, endMark);
  return at.slice(1).map((moment, index) => moment - (at[index] ?? moment));
}

export interface Spent {
  at: number;
  ms: number;
}

/** The tasks between two of a page's own marks on the thread that made them. */
export function tasksBetween(events: TraceEvent[], from: string, to: string): Spent[] {
  const start = events.find((event) => event.name === from);
  const end = events.findLast((event) => event.name === to);
  if (!start || !end) throw new Error(`Chrome noted no ${start ? to : from}.`);
  return events
    .filter((it) => it.name === "RunTask" && it.pid === start.pid && it.tid === start.tid)
    .filter((it) => it.ts + (it.dur ?? 0) >= start.ts && it.ts <= end.ts)
    .map((it) => ({ at: it.ts, ms: (it.tdur ?? it.dur ?? 0) / 1_000 }));
}

function digest(events: TraceEvent[]): Omit<Recorded, "frames"> {
  const tasks = tasksBetween(events, startMark, endMark);
  const mark = events.find((event) => event.name === startMark);
  const starts = events
    .filter((it) => it.name === "FireAnimationFrame" && it.tid === mark?.tid && it.pid === mark.pid)
    .map((it) => it.ts);
  const cpu = new Array<number>(Math.max(0, starts.length - 1)).fill(0);
  for (const task of tasks) {
    const frame = starts.findLastIndex((start) => start <= task.at);
    if (frame >= 0 && frame < cpu.length) cpu[frame] = (cpu[frame] ?? 0) + task.ms;
  }
  return {
    cpu,
    longTasks: tasks.map((it) => it.ms).filter((ms) => ms > longest_ms),
    busy: tasks.reduce((sum, it) => sum + it.ms, 0),
  };
}

export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

export const median = (values: number[]): number => quantile(values, 0.5);

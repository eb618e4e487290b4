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

/** What a page's main thread did for a while, in milliseconds. */
export interface Recorded {
  /** Between one frame's start and the next, as the page saw it. */
  frames: number[];
  /** The main thread's processor time for each of those frames. */
  cpu: number[];
  /** Tasks of more than 50 ms, in processor time. */
  longTasks: number[];
  /** All of the main thread's processor time. */
  busy: number;
  /** The part of it between two moments of the wall clock. */
  between: (from_ms: number, to_ms: number) => Recorded;
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
  let frames: Spent[] = [];
  let start_ms = 0;
  const events = await trace(page, async () => {
    ({ frames, start_ms } = await framesDuring(page, act));
  });
  const start = events.find((event) => event.name === startMark);
  if (!start) throw new Error(`Chrome noted no ${startMark}.`);
  // Chrome's trace has a clock of its own.
  const onWall = ({ at, ms }: Spent): Spent => ({ at: start_ms + (at - start.ts) / 1_000, ms });
  const tasks = tasksBetween(events, startMark, endMark);
  const work = workOfFrames(events, start, tasks).map(onWall);
  return summary({ frames, work, tasks: tasks.map(onWall) });
}

interface Noted {
  frames: Spent[];
  work: Spent[];
  tasks: Spent[];
}

function summary(noted: Noted): Recorded {
  const durations = (spent: Spent[]) => spent.map((it) => it.ms);
  const tasks = durations(noted.tasks);
  return {
    frames: durations(noted.frames),
    cpu: durations(noted.work),
    longTasks: tasks.filter((ms) => ms > longest_ms),
    busy: tasks.reduce((sum, ms) => sum + ms, 0),
    between(from_ms, to_ms) {
      const part = (spent: Spent[]) => spent.filter(({ at }) => at >= from_ms && at <= to_ms);
      const { frames, work } = noted;
      return summary({ frames: part(frames), work: part(work), tasks: part(noted.tasks) });
    },
  };
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

/** When frames began on the wall clock, how long each was, and when the page began to look. */
async function framesDuring(
  page: Page,
  act: () => Promise<void>,
): Promise<{ frames: Spent[]; start_ms: number }> {
  const start_ms = await page.evaluate((name) => {
    const held = globalThis as unknown as { bench: { at: number[]; on: boolean } };
    held.bench = { at: [], on: true };
    const next = (at: number) => {
      held.bench.at.push(performance.timeOrigin + at);
      if (held.bench.on) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
    return performance.timeOrigin + performance.mark(name).startTime;
  }, startMark);
  await act();
  const starts = await page.evaluate((name) => {
    const { bench } = globalThis as unknown as { bench: { at: number[]; on: boolean } };
    bench.on = false;
    performance.mark(name);
    return bench.at;
  }, endMark);
  const frames = starts.slice(1).map((end, index) => {
    const at = starts[index] ?? end;
    return { at, ms: end - at };
  });
  return { frames, start_ms };
}

/** Something that took processor or wall time from a moment on. */
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

/** The main thread's work from each frame's callbacks to the next frame's. */
function workOfFrames(events: TraceEvent[], start: TraceEvent, tasks: Spent[]): Spent[] {
  const calls = events
    .filter(
      (it) => it.name === "FireAnimationFrame" && it.tid === start.tid && it.pid === start.pid,
    )
    .map((it) => it.ts)
    .toSorted((left, right) => left - right);
  const ordered = tasks.toSorted((left, right) => left.at - right.at);
  // Callbacks of one frame are called in one task.
  const firsts = new Set(calls.map((call) => ordered.findLastIndex((task) => task.at <= call)));
  const work: Spent[] = [];
  ordered.forEach((task, index) => {
    if (firsts.has(index)) work.push({ at: task.at, ms: 0 });
    const frame = work.at(-1);
    if (frame) frame.ms += task.ms;
  });
  return work.slice(0, -1);
}

export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

export const median = (values: number[]): number => quantile(values, 0.5);

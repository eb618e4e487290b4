import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createApi } from "./client.ts";
import type { LiveRun, LiveStep } from "./contract.ts";
import { followLive, type LiveStatus } from "./live.ts";
import { readEvents } from "./stream.ts";

const encoder = new TextEncoder();

/** A line that the test speaks into and cuts. */
function line() {
  let control: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      control = controller;
    },
  });
  return {
    /** Answers a request as a browser does: aborting it breaks the body off. */
    answer(signal: AbortSignal): Response {
      signal.addEventListener("abort", () => control?.error(signal.reason));
      return new Response(body);
    },
    say: (text: string) => control?.enqueue(encoder.encode(text)),
    cut: () => control?.close(),
  };
}

const settle = () => vi.advanceTimersByTimeAsync(0);
const stepEvent = (id: number, node: string) =>
  `id: ${id}\nevent: step\ndata: {"run_id":"run_1","node":"${node}","iteration":[]}\n\n`;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function follow(answers: ((signal: AbortSignal) => Response)[]) {
  const asked: Headers[] = [];
  const steps: LiveStep[] = [];
  const runs: LiveRun[] = [];
  const statuses: LiveStatus[] = [];
  const onResumed = vi.fn();
  const fetch = async (_url: string, init: RequestInit) => {
    asked.push(new Headers(init.headers));
    const answer = answers[asked.length - 1];
    if (!answer) throw new TypeError("Failed to fetch");
    return answer(init.signal as AbortSignal);
  };
  const stop = followLive({
    api: createApi({ fetch: fetch as unknown as typeof globalThis.fetch }),
    onRun: (run) => runs.push(run),
    onStep: (step) => steps.push(step),
    onStatus: (status) => statuses.push(status),
    onResumed,
  });
  return { asked, steps, runs, statuses, onResumed, stop };
}

describe("the live line", () => {
  it("goes on after a break from the last event it saw", async () => {
    const [first, second] = [line(), line()];
    const told = follow([first.answer, second.answer]);
    await settle();
    first.say(`: hello\n\n${stepEvent(41, "order")}`);
    await settle();
    first.cut();
    await settle();
    expect(told.statuses.at(-1)).toBe("broken");
    expect(told.onResumed).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(600);
    second.say(stepEvent(42, "check"));
    await settle();
    expect(told.asked.map((headers) => headers.get("Last-Event-ID"))).toEqual([null, "41"]);
    expect(told.steps.map(({ node }) => node)).toEqual(["order", "check"]);
    expect(told.onResumed).toHaveBeenCalledTimes(1);
    told.stop();
  });

  it("waits longer after each try that fails", async () => {
    const told = follow([]);
    await settle();
    await vi.advanceTimersByTimeAsync(499);
    expect(told.asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(told.asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(999);
    expect(told.asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(told.asked).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(told.asked.length).toBeLessThan(50);
    told.stop();
  });

  it("hangs up on a line that has gone silent", async () => {
    const dead = line();
    const told = follow([dead.answer, line().answer]);
    await settle();
    await vi.advanceTimersByTimeAsync(46_000);
    expect(told.asked).toHaveLength(2);
    told.stop();
  });

  it("does not knock again where it is refused", async () => {
    const told = follow([() => new Response(`{"code":"session.none"}`, { status: 401 })]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told.asked).toHaveLength(1);
    expect(told.statuses.at(-1)).toBe("refused");
  });

  it("survives an event that cannot be read", async () => {
    const [first, second] = [line(), line()];
    const told = follow([first.answer, second.answer]);
    await settle();
    first.say("id: 9\nevent: step\ndata: {broken\n\n");
    await vi.advanceTimersByTimeAsync(600);
    expect(told.asked[1]?.get("Last-Event-ID")).toBe("9");
    told.stop();
  });

  it("reads all again when the server says that events were lost", async () => {
    const only = line();
    const told = follow([only.answer]);
    await settle();
    only.say("id: 5-1\nevent: reset\ndata: {}\n\n");
    await settle();
    expect(told.onResumed).toHaveBeenCalledTimes(1);
    told.stop();
  });

  it("stops when it is told to", async () => {
    const only = line();
    const told = follow([only.answer]);
    await settle();
    told.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told.asked).toHaveLength(1);
  });
});

describe("an event stream", () => {
  it("is read whole however its bytes are cut", async () => {
    vi.useRealTimers();
    const text =
      "retry: 700\r\nid: 1\r\nevent: run\r\ndata: é\r\ndata: two\r\n\r\n:ping\n\ndata:x\n\n";
    const bytes = encoder.encode(text);
    for (const size of [1, 2, 3, 7, bytes.length]) {
      const pieces: Uint8Array[] = [];
      for (let start = 0; start < bytes.length; start += size) {
        pieces.push(bytes.slice(start, start + size));
      }
      const stream = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const piece of pieces) controller.enqueue(piece);
          controller.close();
        },
      });
      const events = [];
      for await (const event of readEvents(stream)) events.push(event);
      expect(events).toEqual([
        { event: "run", data: "é\ntwo", id: "1", retryMs: 700 },
        { event: "message", data: "x", id: "1" },
      ]);
    }
  });
});

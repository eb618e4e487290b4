/**
 * Follows the server's live events and never gives up: after a break it reconnects with a growing
 * pause and asks for what came since the last event it saw.
 *
 * Not the browser's EventSource, because that one stops for good at the first refusal and cannot
 * name the last event in a connection of its own making.
 */
import { type Api, api as pageApi } from "./client";
import type { LiveFlow, LivePresence, LiveRun, LiveStep } from "./contract";
import { parseAnswer } from "./json";
import { isProblem } from "./problem";
import { readEvents } from "./stream";

export type LiveStatus = "connecting" | "open" | "broken" | "refused";

export interface LiveOptions {
  flow?: string;
  run?: string;
  onRun: (run: LiveRun) => void;
  onStep: (step: LiveStep) => void;
  /** A draft was saved, a version published. */
  onFlow?: (flow: LiveFlow) => void;
  /** Who has a flow open has changed. */
  onPresence?: (presence: LivePresence) => void;
  /** The state of the line; `broken` means that another try follows. */
  onStatus?: (status: LiveStatus) => void;
  /** Called when events may have been missed: what is shown should be read again. */
  onResumed?: () => void;
  api?: Api;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** The server sends a ping every 15 s: three missed ones mean a dead line. */
const SILENCE_MS = 45_000;

/** Starts following; the returned function stops it. */
export function followLive(options: LiveOptions): () => void {
  const { api = pageApi, onStatus = () => {} } = options;
  const stopped = new AbortController();
  let lastId = "";
  let pauseMs = FIRST_PAUSE_MS;
  /** Whether something may have happened that nobody told us: once open, then broken or late. */
  let missed = false;

  function take(event: string, data: string): void {
    if (event === "run") options.onRun(parseAnswer(data) as unknown as LiveRun);
    else if (event === "step") options.onStep(parseAnswer(data) as unknown as LiveStep);
    else if (event === "flow") options.onFlow?.(parseAnswer(data) as unknown as LiveFlow);
    else if (event === "presence")
      options.onPresence?.(parseAnswer(data) as unknown as LivePresence);
    // We were away too long, or too slow: the server no longer knows what we missed.
    else if (event === "reset") options.onResumed?.();
  }

  async function follow(): Promise<void> {
    const line = new AbortController();
    const hangUp = () => line.abort();
    stopped.signal.addEventListener("abort", hangUp);
    let silence = setTimeout(hangUp, SILENCE_MS);
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(hangUp, SILENCE_MS);
    };
    try {
      const body = await api.transport.open(
        "/live",
        { flow: options.flow, run: options.run },
        lastId === "" ? {} : { "Last-Event-ID": lastId },
        line.signal,
      );
      heard();
      onStatus("open");
      if (missed) options.onResumed?.();
      missed = true;
      for await (const { event, data, id, retryMs } of readEvents(body, heard)) {
        // The id first: an event that cannot be read must not come back for ever.
        if (id !== "") lastId = id;
        pauseMs = retryMs ?? FIRST_PAUSE_MS;
        take(event, data);
      }
    } finally {
      clearTimeout(silence);
      stopped.signal.removeEventListener("abort", hangUp);
    }
  }

  async function keepFollowing(): Promise<void> {
    onStatus("connecting");
    while (!stopped.signal.aborted) {
      try {
        await follow();
      } catch (error) {
        if (isProblem(error) && (error.status === 401 || error.status === 403)) {
          onStatus("refused");
          return;
        }
      }
      if (stopped.signal.aborted) return;
      missed = true;
      onStatus("broken");
      await pause(pauseMs, stopped.signal);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  void keepFollowing();
  return () => stopped.abort();
}

/** Waits; ends early when stopped or when the browser is back on line. */
function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      globalThis.removeEventListener?.("online", end);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, durationMs);
    globalThis.addEventListener?.("online", end);
    signal.addEventListener("abort", end);
  });
}

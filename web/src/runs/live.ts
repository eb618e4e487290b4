/** Feeds live events into the run store for as long as a page is open. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { followLive, type LiveOptions, type LiveStatus } from "~/api/live.ts";
import { keys } from "~/api/query.ts";
import { takeRun, takeStep } from "./state.ts";

/** Lists are read again at most this often while runs rush by. */
const REFRESH_MS = 1_500;

interface LiveScope {
  flow?: string;
  run?: string;
  /** Follows nothing: what is shown cannot change any more. */
  off?: boolean;
  /** Told of what becomes of the flow itself, and of who has it open. */
  also?: Pick<LiveOptions, "onFlow" | "onPresence" | "onResumed">;
}

/**
 * Follows all runs, one flow's or one run's, and gives the state of the line.
 *
 * Lists of runs and flows are read again soon after a run began or changed its state.
 */
export function useLive({ flow, run, off = false, also = {} }: LiveScope = {}): LiveStatus {
  const queries = useQueryClient();
  const [status, setStatus] = useState<LiveStatus>("connecting");
  const latest = useRef(also);
  useEffect(() => {
    latest.current = also;
  });

  useEffect(() => {
    if (off) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void queries.invalidateQueries({ queryKey: keys.runs });
        void queries.invalidateQueries({ queryKey: keys.flows, exact: true });
      }, REFRESH_MS);
    };
    const stop = followLive({
      ...(flow !== undefined && { flow }),
      ...(run !== undefined && { run }),
      onRun(live) {
        takeRun(live);
        refresh();
      },
      onStep(step) {
        takeStep(step);
        // A page about one run shows its steps' data, which only the run itself holds.
        if (run !== undefined) refresh();
      },
      onStatus: setStatus,
      onFlow: (news) => latest.current.onFlow?.(news),
      onPresence: (news) => latest.current.onPresence?.(news),
      onResumed() {
        refresh();
        latest.current.onResumed?.();
      },
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [flow, run, off, queries]);

  return status;
}

/** What can be tried at a node, for the buttons of its panel and for commands alike. */
import { useQueryClient } from "@tanstack/react-query";
import { api } from "~/api/client.ts";
import type { Step } from "~/api/contract.ts";
import type { NewRun } from "~/api/trial.ts";
import { isTrigger } from "~/model/port.ts";
import { ancestors } from "~/model/reach.ts";
import { isOver } from "~/runs/words.tsx";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import { pinsKey, useKnown } from "../data.ts";
import { useEditorStore } from "../store.ts";

type Part = NonNullable<NewRun["part"]>;

export interface Trials {
  /** Whether the run whose data is shown has ended, so that a trial can take it over. */
  ended: boolean;
  /** Starts a trial of some nodes, with that run's data or else an example's. */
  begin: (node: string, part: Part) => void;
}

export function useTrials(start: (content: NewRun) => void): Trials {
  const store = useEditorStore();
  const { types, run, samples, pins } = useKnown();
  const ended = run !== null && isOver(run.state);
  const begin = (node: string, part: Part) => {
    if (ended) return start({ part: { ...part, run: run.id }, pins: pins.size > 0 });
    const { flow } = store.getState().history;
    const before = new Set(ancestors(flow, node));
    const first = flow.nodes.find((it) => before.has(it.id) && isTrigger(types.get(it.type)));
    const event =
      first &&
      (pins.get(first.id) ?? samples.get(first.id) ?? types.get(first.type)?.output_example);
    start({
      part,
      pins: pins.size > 0,
      ...(first && { trigger: first.id }),
      event: event ?? {},
    });
  };
  return { ended, begin };
}

export interface Pinning {
  /** What the last run gave at a node, if it came there. */
  lastOf: (node: string) => Step | undefined;
  pinLast: (node: string) => Promise<void>;
  unpin: (node: string) => Promise<void>;
  /** Carries a change of pins out, and says what stood in its way. */
  change: (act: () => Promise<unknown>) => Promise<void>;
}

export function usePinning(): Pinning {
  const store = useEditorStore();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const { run } = useKnown();
  const flow = () => store.getState().history.flow.id;
  const change = async (act: () => Promise<unknown>) => {
    try {
      await act();
    } catch (error) {
      say(problemText(error), "problem");
    }
    await queries.invalidateQueries({ queryKey: pinsKey(flow()) });
  };
  const lastOf = (node: string) =>
    run?.steps.findLast((it) => it.node === node && it.output !== undefined);
  return {
    change,
    lastOf,
    async pinLast(node) {
      const step = lastOf(node);
      if (!run || !step) return;
      await change(() => api.flows.pin(flow(), node, { run: run.id, iteration: step.iteration }));
    },
    unpin: (node) => change(() => api.flows.unpin(flow(), node)),
  };
}

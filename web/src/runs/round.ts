/** The rounds of a loop, however many: those a run carries, and any other read from the server. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api } from "~/api/client.ts";
import type { Step } from "~/api/contract.ts";
import { keys } from "~/api/query.ts";
import { firstLook, type NodeSteps, pathOf } from "./step.ts";

/** The step of a node that is looked at: the chosen round, else the one that matters most. */
export function useChosenStep(
  run: string,
  group: NodeSteps | undefined,
  chosen: number[] | null,
): Step | undefined {
  const { node = "", steps = [], total = null, state } = group ?? {};
  const here =
    chosen === null
      ? firstLook(steps)
      : steps.find(({ iteration }) => pathOf(iteration) === pathOf(chosen));
  // What a run carries of a long loop is its beginning: what failed may come later.
  const far = total !== null && (here === undefined || (chosen === null && here.state !== state));
  const read = useQuery({
    queryKey: [...keys.runs, "one", run, "step", node, chosen && pathOf(chosen)],
    queryFn: ({ signal }) =>
      api.runs.steps(
        run,
        {
          node,
          ...(chosen ? { iteration_prefix: pathOf(chosen) } : state && { state }),
          limit: 1,
        },
        signal,
      ),
    enabled: far,
    placeholderData: keepPreviousData,
  });
  return far ? (read.data?.items.find((step) => step.node === node) ?? here) : here;
}

/** The first round after one that fits, else the first of all: a search that goes round. */
export async function findRound(
  run: string,
  query: { node: string; state?: Step["state"]; text?: string },
  after: number[],
): Promise<Step | undefined> {
  const later = await api.runs.steps(run, { ...query, after: pathOf(after), limit: 1 });
  const [next] = later.items;
  return next ?? (await api.runs.steps(run, { ...query, limit: 1 })).items[0];
}

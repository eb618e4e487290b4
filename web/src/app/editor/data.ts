/** What the editor knows beside the document: the catalogue, and the data of a run. */
import { useQuery } from "@tanstack/react-query";
import { createContext, useContext, useMemo } from "react";
import { api } from "~/api/client.ts";
import type { Catalog, Run } from "~/api/contract.ts";
import type { Json } from "~/api/json.ts";
import { keys, useRuns } from "~/api/query.ts";
import { type NodeTypes, nodeTypesOf } from "~/model/port.ts";
import type { Samples } from "~/model/variable.ts";

export interface Known {
  catalog: Catalog;
  types: NodeTypes;
  /** The run whose data stands for each node's, if there is one. */
  run: Run | null;
  samples: Samples;
  readOnly: boolean;
}

export const KnownContext = createContext<Known | null>(null);

export function useKnown(): Known {
  const known = useContext(KnownContext);
  if (!known) throw new Error("This stands outside the editor");
  return known;
}

export function samplesOf(run: Run | null): Samples {
  const samples = new Map<string, Json>();
  for (const step of run?.steps ?? []) {
    if (step.state === "succeeded" && step.output !== undefined && step.iteration.length === 0) {
      samples.set(step.node, step.output);
    }
  }
  return samples;
}

/** The flow's last run, whole. */
export function useLastRun(flow: string): Run | null {
  const runs = useRuns({ flow, limit: 1 });
  const last = runs.items?.[0]?.id;
  const run = useQuery({
    queryKey: keys.run(last ?? ""),
    queryFn: () => api.runs.get(last ?? ""),
    enabled: last !== undefined,
  });
  return run.data ?? null;
}

export function useKnowledge(catalog: Catalog, run: Run | null, readOnly: boolean): Known {
  return useMemo(
    () => ({
      catalog,
      types: nodeTypesOf(catalog),
      run,
      samples: samplesOf(run),
      readOnly,
    }),
    [catalog, run, readOnly],
  );
}

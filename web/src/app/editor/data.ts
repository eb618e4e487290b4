/** What the editor knows beside the document: the catalogue, and the data of a run. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useMemo } from "react";
import { api } from "~/api/client.ts";
import type { Catalog, Run } from "~/api/contract.ts";
import type { Json } from "~/api/json.ts";
import type { Pin } from "~/api/trial.ts";
import { type NodeTypes, nodeTypesOf } from "~/model/port.ts";
import type { Samples } from "~/model/variable.ts";

export interface Known {
  catalog: Catalog;
  types: NodeTypes;
  /** The run whose data stands for each node's, if there is one. */
  run: Run | null;
  samples: Samples;
  /** Data that stands in for nodes while the draft is tried. */
  pins: Samples;
  /** The same, with who pinned it and when. */
  pinned: ReadonlyMap<string, Pin>;
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

export const pinsKey = (flow: string) => ["editor", flow, "pins"] as const;
const sampleKey = (flow: string) => ["editor", flow, "sample"] as const;

/**
 * The run whose data the forms show: the flow's last one when the editor was opened.
 *
 * It stays while one works, whatever runs come in meanwhile, so that no value changes under the
 * cursor; a run that one looks at takes its place.
 */
export function useSampleRun(flow: string): Run | null {
  const run = useQuery({
    queryKey: sampleKey(flow),
    queryFn: async () => {
      const { items } = await api.runs.list({ flow, limit: 1 });
      const [last] = items;
      return last ? api.runs.get(last.id) : null;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  return run.data ?? null;
}

/** Takes a run that one looks at as the one whose data the forms show. */
export function useAsSample(flow: string, run: Run | undefined): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (run) queries.setQueryData(sampleKey(flow), run);
  }, [queries, flow, run]);
}

const noPins: ReadonlyMap<string, Pin> = new Map();

/** The data pinned to the nodes of a flow's draft. */
export function usePins(flow: string): ReadonlyMap<string, Pin> {
  const pins = useQuery({
    queryKey: pinsKey(flow),
    queryFn: async () => {
      const { items } = await api.flows.pins(flow);
      return new Map(items.map((pin) => [pin.node, pin]));
    },
  });
  return pins.data ?? noPins;
}

export function useKnowledge(
  catalog: Catalog,
  run: Run | null,
  pinned: ReadonlyMap<string, Pin>,
  readOnly: boolean,
): Known {
  return useMemo(() => {
    const pins = new Map([...pinned].map(([node, pin]) => [node, pin.output]));
    const samples = samplesOf(run);
    return { catalog, types: nodeTypesOf(catalog), run, samples, pins, pinned, readOnly };
  }, [catalog, run, pinned, readOnly]);
}

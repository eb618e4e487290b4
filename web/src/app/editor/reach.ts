/** What a node's formulas can read, kept as long as nothing that decides it has changed. */
import { useMemo, useRef, useState } from "react";
import { useVariables } from "~/api/query.ts";
import type { FlowDocument } from "~/model/flow.ts";
import { findLost, type Lost } from "~/model/reference.ts";
import { surroundings, type Variable, variablesFor } from "~/model/variable.ts";
import { useKnown } from "./data.ts";
import { useFlowDocument } from "./store.ts";

export interface Reach {
  /** The flow as it was when this was found out: its graph and labels are the present ones. */
  flow: FlowDocument;
  variables: Variable[];
  /** Why a name cannot be read; null where nothing is wrong with it. */
  lost: (name: string) => Lost | null;
}

export function useReach(node: string): Reach {
  const flow = useFlowDocument();
  const { types, samples, pins, run } = useKnown();
  const { data } = useVariables();
  const [now] = useState(() => new Date().toISOString());
  const { nodes, edges, name } = flow;
  // What is in reach depends on the graph, not on what is typed into a form.
  const graph = nodes
    .map((it) => `${it.id} ${it.inside ?? ""} ${it.label ?? ""} ${itemsOf(it.params)}`)
    .join("\n");
  const document = useRef(flow);
  document.current = flow;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `graph`, `edges` and `name` stand for the flow.
  return useMemo(() => {
    const items = data?.pages.flatMap((page) => page.items) ?? [];
    const shared = Object.fromEntries(items.map((it) => [it.name, it.value]));
    const keys = Object.fromEntries((run?.keys ?? []).map((key) => [key.kind, key.value]));
    const at = { now, run: { id: run?.id ?? "run_…", keys } };
    return {
      flow: document.current,
      variables: [
        ...variablesFor(document.current, types, node, samples, pins),
        ...surroundings(document.current, shared, at),
      ],
      lost: (wanted) => findLost(document.current, types, node, wanted),
    };
  }, [graph, edges, name, types, node, samples, pins, data, run, now]);
}

/** What a loop names its items, and what they are: it decides what is in reach inside. */
function itemsOf(params: unknown): string {
  const { items = null, as = null } = (params ?? {}) as Record<string, unknown>;
  return items === null ? "" : JSON.stringify([items, as]);
}

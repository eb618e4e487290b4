/** What a node's formulas can read, kept as long as nothing that decides it has changed. */
import { useMemo, useState } from "react";
import { useVariables } from "~/api/query.ts";
import type { FlowDocument } from "~/model/flow.ts";
import { findLost, type Lost } from "~/model/reference.ts";
import { surroundings, type Variable, variablesFor } from "~/model/variable.ts";
import { useKnown } from "./data.ts";
import { type EditorState, useEditor, useEditorStore } from "./store.ts";

export interface Reach {
  /** The flow as it was when this was found out: its graph and labels are the present ones. */
  flow: FlowDocument;
  variables: Variable[];
  /** Why a name cannot be read; null where nothing is wrong with it. */
  lost: (name: string) => Lost | null;
}

/**
 * The flow as it was when the graph, or what people call its other nodes, last changed: what is in
 * reach depends on that, not on what is typed into a form.
 */
function useGraph(node: string): FlowDocument {
  const read = useMemo(() => {
    let seen: { flow: FlowDocument; graph: string; shown: FlowDocument } | null = null;
    return ({ history: { flow } }: EditorState): FlowDocument => {
      if (seen?.flow === flow) return seen.shown;
      const graph = graphOf(flow, node);
      const shown = seen?.shown;
      const same =
        shown && seen?.graph === graph && shown.edges === flow.edges && shown.name === flow.name;
      seen = { flow, graph, shown: same ? shown : flow };
      return seen.shown;
    };
  }, [node]);
  return useEditor(read);
}

function graphOf({ nodes }: FlowDocument, own: string): string {
  return nodes
    .map(({ id, inside = "", label = "", params }) => {
      return `${id} ${inside} ${id === own ? "" : label} ${itemsOf(params)}`;
    })
    .join("\n");
}

export function useReach(node: string): Reach {
  const store = useEditorStore();
  const flow = useGraph(node);
  const { types, samples, pins, run } = useKnown();
  const { data } = useVariables();
  const [now] = useState(() => new Date().toISOString());
  return useMemo(() => {
    const items = data?.pages.flatMap((page) => page.items) ?? [];
    const shared = Object.fromEntries(items.map((it) => [it.name, it.value]));
    const keys = Object.fromEntries((run?.keys ?? []).map((key) => [key.kind, key.value]));
    const at = { now, run: { id: run?.id ?? "run_…", keys } };
    return {
      flow,
      variables: [
        ...variablesFor(flow, types, node, samples, pins),
        ...surroundings(flow, shared, at),
      ],
      lost: (wanted) => findLost(store.getState().history.flow, types, node, wanted),
    };
  }, [store, flow, types, node, samples, pins, data, run, now]);
}

/** What a loop names its items, and what they are: it decides what is in reach inside. */
function itemsOf(params: unknown): string {
  const { items = null, as = null } = (params ?? {}) as Record<string, unknown>;
  return items === null ? "" : JSON.stringify([items, as]);
}

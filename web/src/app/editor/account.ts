/** A node that was just added acts on the only account there is: then there is nothing to choose. */
import { useEffect, useRef } from "react";
import { useConnections } from "~/api/query.ts";
import { setField } from "~/model/edit.ts";
import { useKnown } from "./data.ts";
import { useEditorStore, useFlowDocument } from "./store.ts";

export function useOnlyAccounts(): void {
  const store = useEditorStore();
  const { nodes } = useFlowDocument();
  const { types, readOnly } = useKnown();
  const { items } = useConnections();
  const known = useRef<ReadonlySet<string> | null>(null);
  useEffect(() => {
    const before = known.current;
    // Until the accounts are here, what is added stays new.
    if (before !== null && (readOnly || !items)) return;
    known.current = new Set(nodes.map((node) => node.id));
    if (before === null) return;
    for (const node of nodes) {
      const type = types.get(node.type);
      if (before.has(node.id) || node.connection || type?.connection !== "required") continue;
      const [only, ...others] = items?.filter((it) => it.connector === type.connector) ?? [];
      if (!only || others.length > 0) continue;
      const { history, perform } = store.getState();
      perform(setField(history.flow, node.id, "connection", only.id));
    }
  }, [store, nodes, types, items, readOnly]);
}

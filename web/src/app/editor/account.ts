/** A node acts on the only account there is: then there is nothing to choose. */
import { useEffect, useRef } from "react";
import { useConnections } from "~/api/query.ts";
import { setField } from "~/model/edit.ts";
import { findNode } from "~/model/flow.ts";
import { useKnown } from "./data.ts";
import { type EditorStore, useEditorStore, useFlowDocument } from "./store.ts";

/**
 * Gives a node the only account. Where the last step added the node, it is a part of that step: who
 * takes the node back takes both back. What was undone stays undone.
 */
export function takeOnlyAccount(store: EditorStore, node: string, account: string): void {
  const { history, perform, complete } = store.getState();
  if (history.undone.length > 0) return;
  const last = history.done.at(-1);
  const added = last && findNode(last.undo(history.flow), node) === undefined;
  const command = setField(history.flow, node, "connection", account);
  if (added) complete(command);
  else perform(command);
}

/** Draws nothing: the editor around it is not drawn anew with each letter of the flow. */
export function OnlyAccounts(): null {
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
      takeOnlyAccount(store, node.id, only.id);
    }
  }, [store, nodes, types, items, readOnly]);
  return null;
}

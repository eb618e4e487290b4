/** Keeps what is not saved yet in this browser, so that a lost connection and a reload lose nothing. */
import { useEffect, useState } from "react";
import { isObject, parseJson, UnreadableJson, writeDocument, writeJson } from "~/api/json.ts";
import { type FlowDocument, NotAFlow, readFlow } from "~/model/flow.ts";
import { forget, recall, remember } from "~/ui/memory.ts";
import { type EditorStore, useEditorStore } from "./store.ts";

const quiet_ms = 300;
const keyOf = (flow: string) => `tramo.draft.${flow}`;

/** A document that an earlier page could not save. */
export interface KeptDraft {
  flow: FlowDocument;
  /** Of the draft that it was made from. */
  etag: string;
  /** When it was kept, as RFC 3339. */
  at: string;
}

function readKept(id: string): KeptDraft | null {
  const text = recall(keyOf(id));
  if (text === null) return null;
  try {
    const kept = parseJson(text);
    if (!isObject(kept) || typeof kept.etag !== "string" || typeof kept.at !== "string")
      return null;
    return { flow: readFlow(kept.document), etag: kept.etag, at: kept.at };
  } catch (error) {
    if (error instanceof UnreadableJson || error instanceof NotAFlow) return null;
    throw error;
  }
}

export function forgetKept(id: string): void {
  forget(keyOf(id));
}

function keep(store: EditorStore): void {
  const { history, saved, etag } = store.getState();
  const { flow } = history;
  if (flow === saved) {
    forgetKept(flow.id);
    return;
  }
  const at = new Date().toISOString();
  const said = `"etag":${writeJson(etag)},"at":${writeJson(at)}`;
  remember(keyOf(flow.id), `{"document":${writeDocument(flow)},${said}}`);
}

/** Keeps each change until it is saved; gives what an earlier page kept and nobody saved. */
export function useKeeping(): [KeptDraft | null, () => void] {
  const store = useEditorStore();
  const [kept, setKept] = useState(() => {
    const { saved } = store.getState();
    const found = readKept(saved.id);
    return found && writeJson(found.flow) !== writeJson(saved) ? found : null;
  });
  useEffect(() => {
    // What is offered stays kept until the person has decided.
    if (kept) return;
    // What changed before anybody listened is kept too.
    keep(store);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = store.subscribe((state, before) => {
      if (state.history === before.history && state.saved === before.saved) return;
      clearTimeout(timer);
      timer = setTimeout(() => keep(store), quiet_ms);
    });
    const leave = () => keep(store);
    addEventListener("pagehide", leave);
    return () => {
      stop();
      clearTimeout(timer);
      removeEventListener("pagehide", leave);
      keep(store);
    };
  }, [store, kept]);
  return [kept, () => setKept(null)];
}

/** Keeps the draft on the server in step with the page, and never over somebody else's work. */
import { useEffect, useState } from "react";
import { api } from "~/api/client.ts";
import { isProblem } from "~/api/problem.ts";
import { type EditorStore, isHeld, useEditorStore } from "./store.ts";

const quiet_ms = 700;
const again_ms = 5_000;

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

const underWay = new WeakMap<EditorStore, Promise<boolean>>();

/** Saves the document as it is now; true once the server has it. */
export async function saveNow(store: EditorStore): Promise<boolean> {
  await underWay.get(store);
  const saving = save(store);
  underWay.set(store, saving);
  return saving.finally(() => {
    if (underWay.get(store) === saving) underWay.delete(store);
  });
}

async function save(store: EditorStore): Promise<boolean> {
  const { history, saved, etag, saving, tab } = store.getState();
  if (isHeld(saving)) return false;
  const { flow } = history;
  // After a failure nobody knows which of the two the server has.
  if (flow === saved && saving !== "failed") return true;
  store.getState().saves();
  try {
    const answer = await api.flows.saveDraft(flow.id, flow, etag, tab);
    store.getState().didSave(flow, answer.etag, answer.problems);
    return true;
  } catch (error) {
    if (isProblem(error, "flow.changed_elsewhere")) {
      const { etag: theirs, by, at } = error.params;
      store.getState().meetConflict({ etag: text(theirs) ?? etag, by: text(by), at: text(at) });
    } else if (isProblem(error, "flow.being_edited")) {
      store.getState().failSave();
      store.getState().meetEditor();
    } else if (isProblem(error, "flow.unknown")) {
      store.getState().meetDeletion();
    } else {
      store.getState().failSave();
    }
    return false;
  }
}

/** Saves shortly after each change, tries again while it fails, and warns before work is lost. */
export function useAutosave(enabled: boolean): void {
  const store = useEditorStore();
  useEffect(() => {
    if (!enabled) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const plan = () => {
      const { saving, history, saved } = store.getState();
      if (saving === "saving" || isHeld(saving)) return;
      clearTimeout(timer);
      if (history.flow === saved && saving !== "failed") return;
      timer = setTimeout(() => void saveNow(store), saving === "failed" ? again_ms : quiet_ms);
    };
    // The page was asleep behind a sign-in: what could not be saved then is saved now.
    if (store.getState().saving === "failed") void saveNow(store);
    const stop = store.subscribe((state, before) => {
      if (state.history !== before.history || state.saving !== before.saving) plan();
    });
    const leave = (event: BeforeUnloadEvent) => {
      const { history, saved } = store.getState();
      if (history.flow !== saved) event.preventDefault();
    };
    const online = () => void saveNow(store);
    addEventListener("beforeunload", leave);
    addEventListener("online", online);
    return () => {
      stop();
      clearTimeout(timer);
      removeEventListener("beforeunload", leave);
      removeEventListener("online", online);
      // Leaving for another page of the editor loses nothing either.
      void saveNow(store);
    };
  }, [store, enabled]);
}

/** Saves, then acts; gives whether that is under way. */
export function useAfterSave(act: () => Promise<void>): [boolean, () => Promise<void>] {
  const store = useEditorStore();
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      if (await saveNow(store)) await act();
    } finally {
      setBusy(false);
    }
  };
  return [busy, run];
}

/** Whether a person reads formulas as pills or as code; remembered in this browser. */

import { useSyncExternalStore } from "react";
import { recall, remember } from "~/ui/memory.ts";

export type FormulaLook = "pills" | "code";

const key = "tramo.formula";
const listeners = new Set<() => void>();
let look: FormulaLook | null = null;

function read(): FormulaLook {
  look ??= recall(key) === "code" ? "code" : "pills";
  return look;
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function setFormulaLook(next: FormulaLook): void {
  look = next;
  remember(key, next);
  for (const listener of listeners) listener();
}

export const useFormulaLook = (): FormulaLook => useSyncExternalStore(listen, read);

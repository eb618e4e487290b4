/** Whether plain characters work as shortcuts (WCAG 2.1.4: they can be switched off). */

import { useSyncExternalStore } from "react";
import { forget, recall, remember } from "~/ui/memory.ts";

const remembered = "tramo.letters";
const changed = "tramo:letters";

export const lettersWork = (): boolean => recall(remembered) !== "off";

export function letLettersWork(on: boolean): void {
  if (on) forget(remembered);
  else remember(remembered, "off");
  dispatchEvent(new Event(changed));
}

function subscribe(notify: () => void): () => void {
  addEventListener(changed, notify);
  addEventListener("storage", notify);
  return () => {
    removeEventListener(changed, notify);
    removeEventListener("storage", notify);
  };
}

export const useLettersWork = (): boolean => useSyncExternalStore(subscribe, lettersWork);

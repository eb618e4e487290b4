/** The editor's clipboard and its way out of the node's panel. Every other key is a command. */
import { useEffect } from "react";
import { hearing } from "../command/keys.ts";
import type { Actions } from "./actions.ts";
import { useEditorStore } from "./store.ts";

/** Whether the person is in the node's panel. */
function inPanel(target: EventTarget | null): target is HTMLElement {
  return target instanceof HTMLElement && target.closest("[data-panel]") !== null;
}

/** Whether a list hangs open below the field. */
function hasList(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.hasAttribute("data-expanded");
}

export function useEditorKeys(actions: Actions, readOnly: boolean): void {
  const store = useEditorStore();
  useEffect(() => {
    // An open list is closed by Escape before the key arrives here: it is noted on the way down.
    let listed = false;
    const notice = (event: KeyboardEvent) => {
      listed = hasList(event.target);
    };
    const leavePanel = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.key !== "Escape" || listed || !inPanel(event.target)) {
        return;
      }
      // Back to the canvas, where the node stays chosen.
      event.preventDefault();
      event.target.blur();
      store.getState().close();
    };
    const copy = (event: ClipboardEvent) => {
      const elsewhere = !hearing(event.target).has("page");
      if (elsewhere || (getSelection()?.toString() ?? "") !== "") return;
      const text = actions.copy();
      if (text === null) return;
      event.clipboardData?.setData("text/plain", text);
      event.preventDefault();
      if (event.type === "cut" && !readOnly) actions.remove();
    };
    const paste = (event: ClipboardEvent) => {
      if (readOnly || !hearing(event.target).has("page")) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      event.preventDefault();
      actions.paste(text);
    };
    addEventListener("keydown", notice, true);
    document.addEventListener("keydown", leavePanel);
    document.addEventListener("copy", copy);
    document.addEventListener("cut", copy);
    document.addEventListener("paste", paste);
    return () => {
      removeEventListener("keydown", notice, true);
      document.removeEventListener("keydown", leavePanel);
      document.removeEventListener("copy", copy);
      document.removeEventListener("cut", copy);
      document.removeEventListener("paste", paste);
    };
  }, [store, actions, readOnly]);
}

/** The editor's clipboard, files let go of, and the focus's way to nodes and out of their panel. Every other key is a command. */
import { useEffect } from "react";
import { bringsFiles, droppedText } from "~/ui/file.ts";
import { isFocusFree } from "~/ui/focus.ts";
import { hearing } from "../command/keys.ts";
import type { Actions } from "./actions.ts";
import { focusNode } from "./roam/ground.ts";
import { type EditorStore, useEditorStore } from "./store.ts";

/** Whether the person is in the node's panel. */
function inPanel(target: EventTarget | null): target is HTMLElement {
  return target instanceof HTMLElement && target.closest("[data-panel]") !== null;
}

/** Whether a list hangs open below the field. */
function hasList(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.hasAttribute("data-expanded");
}

/** Notes that the focus came to a node; who came by keyboard chooses it by that. */
function arriveAt(store: EditorStore, target: EventTarget | null): void {
  // Where the focus went back to by itself, nobody has come.
  if (!(target instanceof Element) || isFocusFree()) return;
  const id = target.getAttribute("data-id");
  if (id === null || !target.matches(".react-flow__node")) return;
  if (target.matches(":focus-visible")) store.getState().stand(id);
  else store.setState({ at: id });
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
      const { opened, close } = store.getState();
      event.target.blur();
      close();
      if (opened !== null) focusNode(opened);
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
      void actions.paste(text);
    };
    // A file with a flow in it is taken as what it holds would be, were it pasted.
    const takes = (event: DragEvent) =>
      !readOnly &&
      bringsFiles(event) &&
      event.target instanceof Element &&
      event.target.closest("#page") !== null;
    const offer = (event: DragEvent) => {
      if (takes(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      if (!takes(event)) return;
      event.preventDefault();
      void droppedText(event).then((text) => actions.paste(text));
    };
    const arrive = (event: FocusEvent) => arriveAt(store, event.target);
    addEventListener("keydown", notice, true);
    document.addEventListener("focusin", arrive);
    document.addEventListener("keydown", leavePanel);
    document.addEventListener("copy", copy);
    document.addEventListener("cut", copy);
    document.addEventListener("paste", paste);
    document.addEventListener("dragover", offer);
    document.addEventListener("drop", drop);
    return () => {
      removeEventListener("keydown", notice, true);
      document.removeEventListener("focusin", arrive);
      document.removeEventListener("keydown", leavePanel);
      document.removeEventListener("copy", copy);
      document.removeEventListener("cut", copy);
      document.removeEventListener("paste", paste);
      document.removeEventListener("dragover", offer);
      document.removeEventListener("drop", drop);
    };
  }, [store, actions, readOnly]);
}

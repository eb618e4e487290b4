/** The editor's keys. They stand back while somebody types or a dialog is open. */
import { useEffect } from "react";
import type { Position } from "~/model/flow.ts";
import type { Actions } from "./actions.ts";
import { useEditorStore } from "./store.ts";

const step = 8;
const leap = 40;
const arrows: Record<string, Position> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function elsewhere(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return (
    target.closest(
      'input, textarea, select, [contenteditable="true"], [role="dialog"], [role="menu"], [role="tree"], [role="tablist"]',
    ) !== null
  );
}

/** Whether the person is in the node's panel. */
function inPanel(target: EventTarget | null): target is HTMLElement {
  return target instanceof HTMLElement && target.closest("[data-panel]") !== null;
}

/** Whether a list hangs open below the field. */
function hasList(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.hasAttribute("data-expanded");
}

interface Keys {
  actions: Actions;
  readOnly: boolean;
  onAsk: () => void;
  onFit: () => void;
}

export function useEditorKeys({ actions, readOnly, onAsk, onFit }: Keys): void {
  const store = useEditorStore();
  useEffect(() => {
    // An open list is closed by Escape before the key arrives here: it is noted on the way down.
    let listed = false;
    const notice = (event: KeyboardEvent) => {
      listed = hasList(event.target);
    };
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const state = store.getState();
      if (event.key === "Escape" && !listed && inPanel(event.target)) {
        // Back to the canvas, where the node stays chosen.
        event.target.blur();
        return state.close();
      }
      if (elsewhere(event.target)) return;
      const act = actionFor(event, {
        undo: state.undo,
        redo: state.redo,
        chosen: state.selection.nodes.size,
        open: () => {
          const [first] = state.selection.nodes;
          if (first !== undefined) state.open(first);
        },
        clear: () => {
          if (state.opened !== null) state.close();
          else state.open(null);
        },
        actions,
        readOnly,
        onAsk,
        onFit,
      });
      if (!act) return;
      event.preventDefault();
      act();
    };
    const copy = (event: ClipboardEvent) => {
      if (elsewhere(event.target) || (getSelection()?.toString() ?? "") !== "") return;
      const text = actions.copy();
      if (text === null) return;
      event.clipboardData?.setData("text/plain", text);
      event.preventDefault();
      if (event.type === "cut" && !readOnly) actions.remove();
    };
    const paste = (event: ClipboardEvent) => {
      if (readOnly || elsewhere(event.target)) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      event.preventDefault();
      actions.paste(text);
    };
    addEventListener("keydown", notice, true);
    addEventListener("keydown", press);
    document.addEventListener("copy", copy);
    document.addEventListener("cut", copy);
    document.addEventListener("paste", paste);
    return () => {
      removeEventListener("keydown", notice, true);
      removeEventListener("keydown", press);
      document.removeEventListener("copy", copy);
      document.removeEventListener("cut", copy);
      document.removeEventListener("paste", paste);
    };
  }, [store, actions, readOnly, onAsk, onFit]);
}

interface Means {
  actions: Actions;
  readOnly: boolean;
  chosen: number;
  undo: () => void;
  redo: () => void;
  open: () => void;
  clear: () => void;
  onAsk: () => void;
  onFit: () => void;
}

/** What a key press means, or null where it means nothing here. */
function actionFor(event: KeyboardEvent, means: Means): (() => void) | null {
  const { actions, readOnly, chosen } = means;
  const arrow = arrows[event.key];
  if (arrow && event.altKey) return () => actions.walk(arrow[0] + arrow[1] > 0);
  if (event.ctrlKey || event.metaKey) return withModifier(event, means);
  if (event.altKey) return null;
  if (event.key === "Escape") return means.clear;
  if (event.key === "Enter" && chosen === 1) return means.open;
  if (event.shiftKey && event.code === "Digit1") return means.onFit;
  if (readOnly) return null;
  if (arrow && chosen > 0) {
    const far = event.shiftKey ? leap : step;
    return () => actions.nudge([arrow[0] * far, arrow[1] * far]);
  }
  if (event.key === "Delete" || event.key === "Backspace") return actions.remove;
  if (event.key === "n" || event.key === "N") return means.onAsk;
  if (event.shiftKey && event.key === "T") return () => void actions.tidy();
  return null;
}

function withModifier(event: KeyboardEvent, means: Means): (() => void) | null {
  const { actions, readOnly } = means;
  const key = event.key.toLowerCase();
  if (key === "a") return actions.selectAll;
  if (readOnly) return null;
  if (key === "z") return event.shiftKey ? means.redo : means.undo;
  if (key === "y") return means.redo;
  if (key === "d") return actions.duplicate;
  return null;
}

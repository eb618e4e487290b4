/** The keys by which one goes from step to step, and from part to part of a step. */
import { type FocusEvent, type KeyboardEvent, useMemo } from "react";
import { isFocusFree } from "~/ui/focus.ts";
import type { Doors } from "./context.ts";

const rowOf = (target: EventTarget | null): HTMLElement | null =>
  target instanceof HTMLElement ? target.closest<HTMLElement>("[data-step]") : null;

const rowsIn = (view: HTMLElement): HTMLElement[] => [
  ...view.querySelectorAll<HTMLElement>("[data-step]"),
];

/** Gives the focus to a step, and shows it. */
export function focusRow(view: ParentNode | null, node: string): void {
  const row = view?.querySelector<HTMLElement>(`[data-step="${CSS.escape(node)}"]`);
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}

export function useRowKeys(doors: Doors, onReach: (node: string) => void) {
  return useMemo(
    () => ({
      onFocus(event: FocusEvent) {
        const id = rowOf(event.target)?.dataset.step;
        if (id === undefined) return;
        onReach(id);
        // What the keyboard comes to is chosen, so that keys and clipboard mean it.
        const row = event.target as HTMLElement;
        const came = row.dataset.step === id && row.matches(":focus-visible");
        if (came && !isFocusFree()) doors.reach(id);
      },
      onKeyDown(event: KeyboardEvent<HTMLElement>) {
        const row = rowOf(event.target);
        if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
        if (walk(event, row, doors) || inRow(event, row, doors)) event.preventDefault();
      },
    }),
    [doors, onReach],
  );
}

/** Up, down, to the first and the last step; with Shift all in between are chosen. */
function walk(event: KeyboardEvent<HTMLElement>, row: HTMLElement, doors: Doors): boolean {
  const rows = rowsIn(event.currentTarget);
  const at = rows.indexOf(row);
  const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
  if (to === undefined) return false;
  const next = rows[to];
  if (!next) return true;
  if (event.shiftKey) {
    doors.choose(row.dataset.step ?? "", "through");
    doors.choose(next.dataset.step ?? "", "through");
  } else doors.choose(next.dataset.step ?? "", "only");
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  return true;
}

/** Left and right along the parts of a step; Enter and Space on the step itself. */
function inRow(event: KeyboardEvent, row: HTMLElement, doors: Doors): boolean {
  const id = row.dataset.step ?? "";
  if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
    const parts = [row, ...row.querySelectorAll<HTMLElement>("button")];
    const at = parts.indexOf(event.target as HTMLElement);
    parts[Math.max(0, at + (event.key === "ArrowRight" ? 1 : -1))]?.focus();
    return true;
  }
  if (event.target !== row) {
    if (event.key !== "Escape") return false;
    row.focus();
    return true;
  }
  if (event.key === "Enter") doors.open(id);
  else if (event.key === " ") doors.choose(id, "also");
  else if (event.key === "ContextMenu" || (event.shiftKey && event.key === "F10")) {
    doors.menu(id, row);
  } else return false;
  return true;
}

/** Keeps the keyboard in the list: whatever happens to a step, the focus is never lost. */
import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { isFocusFree } from "~/ui/focus.ts";
import { useEditor } from "../store.ts";
import type { Told } from "./told.ts";
import { focusRow } from "./walk.ts";

export function useFocusKept(box: RefObject<HTMLElement | null>, told: Told): void {
  const opened = useEditor((state) => state.opened);
  const place = useRef<string | null>(null);
  const order = useRef<string[]>([]);
  const last = useRef<string | null>(null);

  useEffect(() => {
    const note = (event: FocusEvent) => {
      const target = event.target as HTMLElement;
      const id = target.closest<HTMLElement>("[data-step]")?.dataset.step;
      if (!box.current?.contains(target)) place.current = null;
      else if (id !== undefined) place.current = id;
    };
    document.addEventListener("focusin", note);
    return () => document.removeEventListener("focusin", note);
  }, [box]);

  // A step that was moved or removed while it had the focus leaves it to nobody.
  useLayoutEffect(() => {
    const ids = [...told.outline.steps.keys()];
    const before = order.current;
    order.current = ids;
    const at = place.current;
    if (at === null || document.activeElement !== document.body) return;
    const next = ids.includes(at) ? at : ids[Math.min(before.indexOf(at), ids.length - 1)];
    if (next !== undefined) focusRow(box.current, next);
  }, [box, told]);

  // Whoever closes a step's form is back at its sentence.
  useEffect(() => {
    const closed = opened === null ? last.current : null;
    last.current = opened;
    if (closed === null) return;
    const timer = setTimeout(() => {
      if (isFocusFree()) focusRow(box.current, closed);
    });
    return () => clearTimeout(timer);
  }, [box, opened]);
}

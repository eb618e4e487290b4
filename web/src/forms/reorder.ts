/** Moves rows of a list by dragging their grips. Buttons beside them do it without a pointer. */
import { type PointerEvent, useRef, useState } from "react";

export interface Reorder {
  /** Where the dragged row would go; null while nothing is dragged. */
  over: number | null;
  from: number | null;
  grip: (index: number) => {
    onPointerDown: (event: PointerEvent<HTMLElement>) => void;
    onPointerMove: (event: PointerEvent<HTMLElement>) => void;
    onPointerUp: () => void;
    onPointerCancel: () => void;
  };
}

/** Takes an item to another place. */
export function moved<Item>(items: readonly Item[], from: number, to: number): Item[] {
  const next = [...items];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}

/** Rows are the elements with `data-row`, in the element that holds the grips. */
export function useReorder(count: number, move: (from: number, to: number) => void): Reorder {
  const [drag, setDrag] = useState<{ from: number; over: number } | null>(null);
  const list = useRef<HTMLElement | null>(null);
  const end = () => {
    if (drag && drag.from !== drag.over) move(drag.from, drag.over);
    setDrag(null);
  };
  const placeAt = (y: number): number => {
    const rows = [...(list.current?.children ?? [])].filter((row) => row.hasAttribute("data-row"));
    const above = rows.filter((row) => {
      const box = row.getBoundingClientRect();
      return y > box.top + box.height / 2;
    }).length;
    return above;
  };
  return {
    from: drag?.from ?? null,
    over: drag?.over ?? null,
    grip: (index) => ({
      onPointerDown: (event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        list.current = event.currentTarget.closest("[data-row]")?.parentElement ?? null;
        setDrag({ from: index, over: index });
      },
      onPointerMove: (event) => {
        if (!drag) return;
        const above = placeAt(event.clientY);
        const over = Math.min(count - 1, above > drag.from ? above - 1 : above);
        if (over !== drag.over) setDrag({ ...drag, over });
      },
      onPointerUp: end,
      onPointerCancel: () => setDrag(null),
    }),
  };
}

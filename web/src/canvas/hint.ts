/** What a gesture under way would do, for whoever draws it: each edge and frame reads its own part. */
import { createContext, useContext } from "react";
import { createStore, useStore } from "zustand";
import type { Position } from "~/model/flow.ts";
import type { Rect } from "~/model/rect.ts";

export interface Hint {
  /** The edge that what is dragged would be put on. */
  edge: string | null;
  /** The loop box and the frame that would take it in. */
  box: string | null;
  frame: string | null;
  /** The edges that would go. */
  cut: ReadonlySet<string>;
  /** The way of the knife, on the canvas. */
  knife: readonly Position[];
  /** The nodes that are being dragged. */
  moving: ReadonlySet<string>;
  /** Where what is carried or copied would stand. */
  ghosts: readonly Rect[];
  /** What was picked up, to be put down where one clicks next. */
  carried: Carried | null;
  /** The note that is being written. */
  editing: string | null;
  /** Whether a plain drag cuts edges. */
  cutting: boolean;
  /** Whether the flow is about to be seen from afar. */
  leaping: boolean;
}

export interface Carried {
  nodes: ReadonlySet<string>;
  notes: ReadonlySet<string>;
}

export const nobody: ReadonlySet<string> = new Set();
export const noGesture = {
  edge: null,
  box: null,
  frame: null,
  cut: nobody,
  knife: [],
  moving: nobody,
  ghosts: [],
} satisfies Partial<Hint>;

export type HintStore = ReturnType<typeof createHint>;

export function createHint() {
  return createStore<Hint>()(() => ({
    ...noGesture,
    carried: null,
    editing: null,
    cutting: false,
    leaping: false,
  }));
}

/** Changes what differs, so that a pointer that moves on redraws nothing for nothing. */
export function hintAt(store: HintStore, next: Partial<Hint>): void {
  const now = store.getState();
  const names = Object.keys(next) as (keyof Hint)[];
  if (names.some((name) => next[name] !== now[name])) store.setState(next);
}

export const HintContext = createContext<HintStore>(createHint());

export const useHintStore = (): HintStore => useContext(HintContext);

export function useHint<Part>(read: (hint: Hint) => Part): Part {
  return useStore(useContext(HintContext), read);
}

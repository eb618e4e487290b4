/** Which data panes stand beside a node's form, and how wide: remembered in this browser. */

import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { recall, remember } from "~/ui/memory.ts";

export type PaneSide = "input" | "output";
export interface Pane {
  open: boolean;
  width: number;
}
type Panes = Record<PaneSide, Pane>;

export const PANE_MIN = 240;
export const PANE_MAX = 620;
const usualWidth = 336;
const key = "tramo.panes";
/** From here on there is room for the input beside the form without asking. */
const roomyPx = 1_680;

function read(): Panes {
  const usual: Panes = {
    input: { open: window.innerWidth >= roomyPx, width: usualWidth },
    output: { open: false, width: usualWidth },
  };
  try {
    const kept = JSON.parse(recall(key) ?? "{}") as Partial<Panes>;
    return {
      input: { ...usual.input, ...kept.input },
      output: { ...usual.output, ...kept.output },
    };
  } catch {
    return usual;
  }
}

const panes = createStore<Panes>()(read);

export const usePanes = (): Panes => useStore(panes);

export function setPane(side: PaneSide, change: Partial<Pane>): void {
  const before = panes.getState()[side];
  const width = Math.round(Math.min(PANE_MAX, Math.max(PANE_MIN, change.width ?? before.width)));
  panes.setState({ [side]: { ...before, ...change, width } });
  remember(key, JSON.stringify(panes.getState()));
}

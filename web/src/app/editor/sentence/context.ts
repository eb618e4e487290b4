/** What lines of a told flow do, and what is known of them. */
import type { Level } from "~/model/problem.ts";
import type { Slot } from "~/model/sentence/sentence.ts";
import type { Spot } from "~/model/sentence/spot.ts";

export interface RowProblem {
  level: Level;
  message: string;
  /** The place in the node that it is about. */
  pointer: string;
}

/** A step that another one goes on to, or comes from. */
export interface Reference {
  id: string;
  number: string;
}

/** What lines ask for; the same object for as long as the view is open. */
export interface Doors {
  open: (node: string, pointer?: string) => void;
  /** The keyboard has come to a step. */
  reach: (node: string) => void;
  /** A step was clicked or tapped. */
  press: (node: string) => void;
  openSlot: (slot: Slot) => void;
  /** Goes to another step of the flow. */
  go: (node: string) => void;
  choose: (node: string, how: "only" | "also" | "through") => void;
  add: (spot: Spot) => void;
  disconnect: (from: string, port: string, to: string) => void;
  /** Lists what can be done with a step. */
  menu: (node: string, anchor: HTMLElement) => void;
}

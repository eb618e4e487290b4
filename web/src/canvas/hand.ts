/**
 * What a plain drag and the wheel do on the canvas, as each person is used to it.
 *
 * "map": a drag moves what is seen, and the wheel zooms. "board": a drag chooses what it touches,
 * and the wheel moves what is seen. Shift chooses, and Space, the middle button and Ctrl with the
 * wheel do what they always do, in both.
 */

import { createStore, useStore } from "zustand";
import { recall, remember } from "~/ui/memory.ts";

type Hand = "map" | "board";

const remembered = "tramo.hand";
const hand = createStore<Hand>()(() => (recall(remembered) === "board" ? "board" : "map"));
hand.subscribe((now) => remember(remembered, now));

export function turnHand(): void {
  hand.setState(hand.getState() === "map" ? "board" : "map", true);
}

export const useHand = (): Hand => useStore(hand);

const middleButton = 1;
const ways = {
  map: {},
  board: { panOnDrag: [middleButton], selectionOnDrag: true, panOnScroll: true },
};

/** What React Flow is to be told of it. */
export const useHandProps = () => ways[useHand()];

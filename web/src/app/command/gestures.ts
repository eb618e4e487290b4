/** What the pointer does on the canvas, for the cheat sheet. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

export interface Gesture {
  title: MessageDescriptor;
  /** The key that is held meanwhile, as shortcuts write it. */
  held?: string;
  act: MessageDescriptor;
}

export const gestures: readonly Gesture[] = [
  { title: msg`Add a node`, act: msg`click twice on the canvas` },
  { title: msg`Add a node`, held: "Mod", act: msg`click on the canvas` },
  { title: msg`Add what follows or comes before`, act: msg`pull from a port into the void` },
  { title: msg`Insert a node on an edge`, act: msg`click twice on the edge` },
  { title: msg`Put a node into a line`, act: msg`drag it onto the edge` },
  { title: msg`Take nodes out of their line`, held: "Alt", act: msg`drag them` },
  { title: msg`Copy nodes and notes`, held: "Mod", act: msg`drag them` },
  { title: msg`Cut edges`, held: "Alt", act: msg`drag across them` },
  { title: msg`Cut edges`, held: "Mod", act: msg`drag across them with the right button` },
  { title: msg`Lead an edge elsewhere`, act: msg`drag one of its ends` },
  { title: msg`Choose what is in a rectangle`, held: "Shift", act: msg`drag across the canvas` },
  { title: msg`Choose one more, or one less`, held: "Mod", act: msg`click on it` },
  { title: msg`Move what is seen`, held: "Space", act: msg`drag anywhere` },
  { title: msg`Move what is seen`, act: msg`drag with the middle button` },
  { title: msg`Zoom`, held: "Mod", act: msg`turn the wheel` },
  { title: msg`Give up a drag`, held: "Escape", act: msg`before letting go` },
];

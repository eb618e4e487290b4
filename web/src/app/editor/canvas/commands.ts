/** What can be done on the canvas, as commands for keys, palette and cheat sheet. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { type RefObject, useMemo } from "react";
import { turnHand } from "~/canvas/hand.ts";
import type { CanvasView } from "~/canvas/view.ts";
import type { Alignment } from "~/model/align.ts";
import { type AppCommand, useCommands } from "../../command/registry.ts";
import type { Shaping } from "./shaping.ts";

export const alignments: { how: Alignment; title: MessageDescriptor; key: string }[] = [
  { how: "left", title: msg`Align to the left`, key: "ArrowLeft" },
  { how: "centre", title: msg`Align to the centre`, key: "C" },
  { how: "right", title: msg`Align to the right`, key: "ArrowRight" },
  { how: "top", title: msg`Align to the top`, key: "ArrowUp" },
  { how: "middle", title: msg`Align to the middle`, key: "M" },
  { how: "bottom", title: msg`Align to the bottom`, key: "ArrowDown" },
];

export function useCanvasCommands(
  shaping: Shaping,
  view: RefObject<CanvasView | null>,
  readOnly: boolean,
  onSearch: () => void,
): void {
  const changing = useMemo(
    () => (readOnly ? [] : [...grouping(shaping), ...lining(shaping), ...wiring(shaping, view)]),
    [shaping, view, readOnly],
  );
  const count = () => shaping.chosen().nodes.size + (shaping.chosen().notes?.size ?? 0);
  useCommands([
    {
      id: "view.search",
      title: msg`Search on the canvas`,
      group: "view",
      shortcut: "Mod+F",
      keywords: msg`find, look for`,
      run: onSearch,
    },
    ...zooming(view),
    ...choosing(shaping),
    {
      id: "view.fitChosen",
      title: msg`Show what is chosen`,
      group: "view",
      shortcut: "Shift+2",
      keywords: msg`zoom, selection`,
      enabled: () => count() > 0,
      run: shaping.fitChosen,
    },
    {
      id: "edit.copy",
      title: msg`Copy what is chosen`,
      group: "edit",
      keywords: msg`clipboard, JSON`,
      enabled: () => count() > 0,
      run: () => void shaping.copy(),
    },
    ...changing,
  ]);
}

export function zooming(view: RefObject<CanvasView | null>): AppCommand[] {
  const zoom = (how: "zoomIn" | "zoomOut" | "zoomFull") => () => view.current?.[how]();
  return [
    {
      id: "view.zoomIn",
      title: msg`Zoom in`,
      group: "view",
      shortcut: ["+", "="],
      run: zoom("zoomIn"),
    },
    {
      id: "view.zoomOut",
      title: msg`Zoom out`,
      group: "view",
      shortcut: ["-", "_"],
      run: zoom("zoomOut"),
    },
    {
      id: "view.zoomFull",
      title: msg`Show everything in its own size`,
      group: "view",
      shortcut: "0",
      keywords: msg`zoom, reset`,
      run: zoom("zoomFull"),
    },
  ];
}

/** What leads to the chosen nodes, and what they lead to. */
function choosing(shaping: Shaping): AppCommand[] {
  const any = () => shaping.chosen().nodes.size > 0;
  return [
    {
      id: "node.chooseAfter",
      title: msg`Choose all that follows too`,
      group: "node",
      shortcut: "Mod+Alt+ArrowRight",
      keywords: msg`select, downstream`,
      heard: "canvas",
      enabled: any,
      run: shaping.chooseAfter,
    },
    {
      id: "node.chooseBefore",
      title: msg`Choose all that comes before too`,
      group: "node",
      shortcut: "Mod+Alt+ArrowLeft",
      keywords: msg`select, upstream`,
      heard: "canvas",
      enabled: any,
      run: shaping.chooseBefore,
    },
  ];
}

function grouping(shaping: Shaping): AppCommand[] {
  const notes = () => shaping.chosen().notes?.size ?? 0;
  return [
    {
      id: "node.group",
      title: msg`Group the chosen nodes`,
      group: "node",
      shortcut: "Mod+G",
      keywords: msg`frame, box, together`,
      enabled: () => shaping.chosen().nodes.size > 0,
      run: shaping.group,
    },
    {
      id: "node.ungroup",
      title: msg`Take the group apart`,
      group: "node",
      shortcut: "Mod+Shift+G",
      enabled: () => shaping.groups().length > 0,
      run: shaping.ungroup,
    },
    {
      id: "note.add",
      title: msg`Write a note on the canvas`,
      group: "edit",
      shortcut: ["Shift+N", "Shift+S"],
      keywords: msg`sticky, comment, remark`,
      run: shaping.note,
    },
    {
      id: "note.write",
      title: msg`Write in the chosen note`,
      group: "edit",
      shortcut: "Enter",
      heard: "canvas",
      enabled: () => notes() === 1 && shaping.chosen().nodes.size === 0,
      run: shaping.write,
    },
    {
      id: "note.larger",
      title: msg`Make the note or group larger`,
      group: "edit",
      keywords: msg`resize, size, grow`,
      enabled: () => notes() > 0,
      run: () => shaping.resize(1),
    },
    {
      id: "note.smaller",
      title: msg`Make the note or group smaller`,
      group: "edit",
      keywords: msg`resize, size, shrink`,
      enabled: () => notes() > 0,
      run: () => shaping.resize(-1),
    },
  ];
}

function lining(shaping: Shaping): AppCommand[] {
  const atLeast = (count: number) => () => shaping.chosen().nodes.size >= count;
  const align = alignments.map(
    ({ how, title, key }): AppCommand => ({
      id: `node.align-${how}`,
      title,
      group: "node",
      shortcut: `Alt+Shift+${key}`,
      heard: "canvas",
      enabled: atLeast(2),
      run: () => shaping.align(how),
    }),
  );
  return [
    ...align,
    {
      id: "node.distribute-across",
      title: msg`Space evenly across`,
      group: "node",
      shortcut: "Alt+Shift+H",
      heard: "canvas",
      enabled: atLeast(3),
      run: () => shaping.distribute("across"),
    },
    {
      id: "node.distribute-down",
      title: msg`Space evenly down`,
      group: "node",
      shortcut: "Alt+Shift+V",
      heard: "canvas",
      enabled: atLeast(3),
      run: () => shaping.distribute("down"),
    },
  ];
}

function wiring(shaping: Shaping, view: RefObject<CanvasView | null>): AppCommand[] {
  const any = () => shaping.chosen().nodes.size > 0;
  const anything = () => any() || (shaping.chosen().notes?.size ?? 0) > 0;
  return [
    {
      id: "node.addHere",
      title: msg`Add a node at the pointer`,
      group: "node",
      shortcut: "Tab",
      heard: "canvas",
      enabled: () => (view.current?.pointer() ?? null) !== null,
      run: shaping.ask,
    },
    {
      id: "edge.insert",
      title: msg`Insert a node on the chosen edge`,
      group: "node",
      heard: "canvas",
      enabled: () => shaping.chosen().edges.size === 1,
      run: shaping.insert,
    },
    {
      id: "node.rename",
      title: msg`Rename the node`,
      group: "node",
      shortcut: "F2",
      keywords: msg`name, label, title`,
      heard: "canvas",
      enabled: () => shaping.chosen().nodes.size + (shaping.chosen().notes?.size ?? 0) === 1,
      run: shaping.rename,
    },
    {
      id: "node.carry",
      title: msg`Pick up what is chosen, and put it down with a click`,
      group: "node",
      shortcut: "M",
      keywords: msg`move, carry, drag`,
      heard: "canvas",
      enabled: anything,
      run: shaping.carry,
    },
    {
      id: "node.detach",
      title: msg`Take the chosen nodes out of their line`,
      group: "node",
      shortcut: "Shift+D",
      keywords: msg`detach, extract, heal`,
      heard: "canvas",
      enabled: any,
      run: shaping.detach,
    },
    {
      id: "node.cutLoose",
      title: msg`Cut all edges of the chosen nodes`,
      group: "node",
      shortcut: "Shift+X",
      keywords: msg`disconnect, slice`,
      heard: "canvas",
      enabled: any,
      run: shaping.cutLoose,
    },
    {
      id: "view.hand",
      title: msg`Choose with a plain drag, or move the view with it`,
      group: "view",
      shortcut: "H",
      keywords: msg`hand, pan, lasso, scroll, wheel`,
      run: turnHand,
    },
    {
      id: "view.knife",
      title: msg`Cut edges with the pointer`,
      group: "edit",
      keywords: msg`knife, scissors, slice`,
      run: () => view.current?.takeKnife(),
    },
    {
      id: "node.disable",
      title: msg`Switch the chosen nodes off or on`,
      group: "node",
      shortcut: "D",
      heard: "canvas",
      enabled: any,
      run: shaping.disable,
    },
    {
      id: "edit.cut",
      title: msg`Cut what is chosen`,
      group: "edit",
      keywords: msg`clipboard`,
      enabled: anything,
      run: () => void shaping.cut(),
    },
    {
      id: "edit.paste",
      title: msg`Paste from the clipboard`,
      group: "edit",
      run: () => void shaping.paste(),
    },
  ];
}

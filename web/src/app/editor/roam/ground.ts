/** What walking and joining stand on: where one is, what things are called, and asking which one. */
import { plural, t } from "@lingui/core/macro";
import { type RefObject, useMemo } from "react";
import type { Port } from "~/api/contract.ts";
import type { AddRequest } from "~/canvas/Canvas.tsx";
import type { ScreenPoint } from "~/canvas/context.ts";
import type { CanvasView } from "~/canvas/view.ts";
import type { Command } from "~/model/command.ts";
import { type FlowDocument, findNode } from "~/model/flow.ts";
import { shownPositions } from "~/model/place.ts";
import { type NodeTypes, outputPorts } from "~/model/port.ts";
import { nodeTitle } from "~/model/variable.ts";
import { waysOn } from "~/model/walk.ts";
import { usePortTitle } from "~/runs/way.ts";
import { announce } from "~/ui/announce.tsx";
import { seekFocus } from "~/ui/seek.ts";
import { useKnown } from "../data.ts";
import { type EditorStore, useEditorStore } from "../store.ts";
import type { Choice } from "./Chooser.tsx";

/** All that walking needs, in a draft and in a run. */
export interface Floor {
  view: RefObject<CanvasView | null>;
  /** Shows a list to choose from. */
  offer: (choice: Choice) => void;
  flow: () => FlowDocument;
  /** The node that somebody walked to. */
  at: () => string | null;
  /** The node that one stands at: the first one before anybody has walked. */
  here: () => string | null;
  goTo: (id: string) => void;
  titleOf: (id: string) => string;
  portsOf: (id: string) => { name: string; title: string }[];
  /** Below a node on the screen. */
  screenOf: (id: string) => ScreenPoint;
}

export interface Ground extends Floor {
  store: EditorStore;
  types: NodeTypes;
  /** Shows the list of node types. */
  ask: (request: AddRequest) => void;
  perform: (command: Command | null, said: string) => void;
}

/** Gives the focus to a node's box as soon as it is drawn. */
export function focusNode(id: string): void {
  const find = () => document.querySelector<HTMLElement>(`.react-flow__node[data-id="${id}"]`);
  const box = find();
  // Where the focus went back to by itself, it arrives once more.
  if (box !== null && box === document.activeElement) box.blur();
  seekFocus(find);
}

/** The node whose box has the focus. */
export function focusedNode(): string | null {
  const box = document.activeElement?.closest<HTMLElement>(".react-flow__node-box");
  return box?.dataset.id ?? null;
}

export function useGround(
  view: RefObject<CanvasView | null>,
  offer: (choice: Choice) => void,
  ask: (request: AddRequest) => void,
): Ground {
  const store = useEditorStore();
  const { types } = useKnown();
  const portTitle = usePortTitle();
  return useMemo(
    () => ({
      ...makeFloor(types, portTitle, {
        view,
        offer,
        flow: () => store.getState().history.flow,
        at: () => store.getState().at,
        stand: (id) => store.getState().stand(id),
      }),
      store,
      types,
      ask,
      perform: (command, said) => {
        store.getState().perform(command);
        announce(command ? said : t`Nothing has changed.`);
      },
    }),
    [store, types, portTitle, view, offer, ask],
  );
}

interface Base extends Pick<Floor, "view" | "offer" | "flow" | "at"> {
  /** Somebody walks to a node. */
  stand: (id: string) => void;
}

export function makeFloor(
  types: NodeTypes,
  portTitle: (port: Port) => string,
  { stand, ...base }: Base,
): Floor {
  const { flow, at, view } = base;
  return {
    ...base,
    here: () => at() ?? flow().nodes[0]?.id ?? null,
    goTo: (id) => {
      stand(id);
      view.current?.reveal(id);
      focusNode(id);
      const ways = waysOn(flow(), id).length;
      if (ways > 1) announce(plural(ways, { one: "# way on", other: "# ways on" }));
    },
    titleOf: (id) => nodeTitle(flow(), types, id),
    portsOf: (id) => {
      const node = findNode(flow(), id);
      if (!node) return [];
      const ports = outputPorts(node, types.get(node.type));
      return ports.map((port) => ({ name: port.name, title: portTitle(port) }));
    },
    screenOf: (id) => {
      const [x, y] = shownPositions(flow()).get(id) ?? [0, 0];
      return view.current?.toScreen([x, y + belowNode]) ?? { x: 200, y: 200 };
    },
  };
}

const belowNode = 72;

/** What a person does in the editor that takes more than one command of the model. */
import { useLingui } from "@lingui/react/macro";
import { type RefObject, useMemo } from "react";
import type { AddRequest } from "~/canvas/Canvas.tsx";
import type { CanvasView } from "~/canvas/CanvasControls.tsx";
import { tidyPlaces } from "~/canvas/layout.ts";
import { copyNodes, duplicate, paste, readCopied } from "~/model/clipboard.ts";
import * as edit from "~/model/edit.ts";
import { type FlowDocument, findNode, type Position, portOf } from "~/model/flow.ts";
import { freePlace, nodeWidth, shownPositions } from "~/model/place.ts";
import { isTrigger, type NodeTypes, outputPorts } from "~/model/port.ts";
import { say } from "~/ui/toast.tsx";
import { useKnown } from "./data.ts";
import type { Teller } from "./sentence/SentenceEditor.tsx";
import { type EditorStore, useEditorStore } from "./store.ts";

export type Actions = ReturnType<typeof makeActions>;

export function useActions(
  view: RefObject<CanvasView | null>,
  teller: RefObject<Teller | null>,
): Actions {
  const store = useEditorStore();
  const { types } = useKnown();
  const { t } = useLingui();
  return useMemo(
    () =>
      makeActions(store, types, view, teller, () => say(t`There is no part of a flow to paste.`)),
    [store, types, view, teller, t],
  );
}

/** The port of a node from which its next node is best led. */
function freePort(flow: FlowDocument, types: NodeTypes, id: string): string | null {
  const node = findNode(flow, id);
  if (!node) return null;
  const ports = outputPorts(node, types.get(node.type));
  const used = new Set(flow.edges.filter((edge) => edge.from === id).map(portOf));
  return (ports.find((port) => !used.has(port.name)) ?? ports[0])?.name ?? null;
}

function makeActions(
  store: EditorStore,
  types: NodeTypes,
  view: RefObject<CanvasView | null>,
  /** Is there while the flow is told as sentences: what is added then stands in its line. */
  teller: RefObject<Teller | null>,
  onNothing: () => void,
) {
  const state = () => store.getState();
  const flowNow = () => state().history.flow;

  const finish = (added: edit.Added) => {
    if (!added.command) return;
    state().perform(added.command);
    state().open(added.id);
  };

  const beside = (id: string): Position | null => {
    const place = shownPositions(flowNow()).get(id);
    return place ? [place[0] + nodeWidth + 88, place[1]] : null;
  };

  return {
    /** Adds a type where it is asked for. */
    addAt(type: string, { at, after, edge, inside }: AddRequest) {
      const flow = flowNow();
      if (edge) {
        const place: Position = [at[0] - nodeWidth / 2, at[1] - 32];
        return finish(edit.insertOnEdge(flow, types, type, place, edge));
      }
      const wanted: Position = after ? [at[0], at[1] - 32] : [at[0] - nodeWidth / 2, at[1] - 32];
      const near = after && beside(after.node);
      const close = near && Math.abs(at[0] - near[0]) < nodeWidth;
      const place = freePlace(flow, types, close ? [near[0], wanted[1]] : wanted);
      finish(edit.addNode(flow, types, type, place, after, inside));
    },

    /** Adds a type after the one chosen node, or in the middle of what is seen. */
    add(type: string) {
      const flow = flowNow();
      const [only, ...others] = state().selection.nodes;
      const port = only !== undefined && others.length === 0 ? freePort(flow, types, only) : null;
      const place = only === undefined ? null : beside(only);
      if (only !== undefined && port && place && !isTrigger(types.get(type))) {
        const free = freePlace(flow, types, place);
        return finish(edit.addNode(flow, types, type, free, { node: only, port }));
      }
      const [x, y] = view.current?.middle() ?? [0, 0];
      const free = freePlace(flow, types, [x - nodeWidth / 2, y - 32]);
      finish(edit.addNode(flow, types, type, free));
    },

    remove() {
      const { selection, perform } = state();
      perform(edit.removeSelection(flowNow(), types, selection.nodes, selection.edges));
      state().select({ nodes: new Set(), edges: new Set() });
    },

    nudge(by: Position) {
      const flow = flowNow();
      const shown = shownPositions(flow);
      const { nodes } = state().selection;
      state().perform(edit.nudgeNodes(flow, nodes, by, (id) => shown.get(id) ?? [0, 0]));
    },

    selectAll() {
      const nodes = new Set(flowNow().nodes.map((node) => node.id));
      state().select({ nodes, edges: new Set() });
    },

    /** The chosen nodes as text, or null where none is chosen. */
    copy(): string | null {
      const { nodes } = state().selection;
      return nodes.size > 0 ? copyNodes(flowNow(), nodes) : null;
    },

    paste(text: string) {
      if (teller.current) return teller.current.paste(text);
      const part = readCopied(text);
      if (!part || part.nodes.length === 0) return onNothing();
      const middle = view.current?.middle() ?? [0, 0];
      const own = part.nodes.some((node) => findNode(flowNow(), node.id));
      const pasted = paste(flowNow(), part, own ? null : [middle[0] - 120, middle[1] - 60]);
      state().perform(pasted.command);
      state().select({ nodes: new Set(pasted.ids), edges: new Set() });
    },

    duplicate() {
      if (teller.current) return teller.current.duplicate();
      const copy = duplicate(flowNow(), state().selection.nodes);
      state().perform(copy.command);
      if (copy.command) state().select({ nodes: new Set(copy.ids), edges: new Set() });
    },

    /** Tidies the chosen nodes, or all of them. */
    async tidy() {
      const flow = flowNow();
      const { nodes } = state().selection;
      const some = nodes.size > 1 ? nodes : null;
      const places = await tidyPlaces(flow, types, some);
      const old = shownPositions(flow);
      const ids = Object.keys(places);
      const corner = (of: (id: string) => Position | undefined, axis: 0 | 1) =>
        Math.min(...ids.map((id) => of(id)?.[axis] ?? 0));
      const shift: Position = some
        ? [
            corner((id) => old.get(id), 0) - corner((id) => places[id], 0),
            corner((id) => old.get(id), 1) - corner((id) => places[id], 1),
          ]
        : [0, 0];
      for (const id of ids) {
        const [x, y] = places[id] ?? [0, 0];
        places[id] = [x + shift[0], y + shift[1]];
      }
      state().perform(edit.arrange(flowNow(), places));
      if (!some) setTimeout(() => view.current?.fit(), 40);
    },
  };
}

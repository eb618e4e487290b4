/** What a person does in the editor that takes more than one command of the model. */
import { type RefObject, useMemo } from "react";
import type { AddRequest } from "~/canvas/Canvas.tsx";
import { tidyPlaces } from "~/canvas/layout.ts";
import type { CanvasView } from "~/canvas/view.ts";
import { copyChosen, duplicate, isEmptyPart, paste, readCopied } from "~/model/clipboard.ts";
import { nudge } from "~/model/drop.ts";
import * as edit from "~/model/edit.ts";
import { type FlowDocument, findNode, type Position, portOf } from "~/model/flow.ts";
import { notesOf } from "~/model/note.ts";
import { freePlace, nodeWidth, shownPositions } from "~/model/place.ts";
import { isTrigger, type NodeTypes, outputPorts } from "~/model/port.ts";
import { type PasteTold, useConnectionsHere, usePasteTold } from "./canvas/paste.ts";
import { useKnown } from "./data.ts";
import type { Teller } from "./sentence/SentenceEditor.tsx";
import { type EditorStore, firstToFill, useEditorStore } from "./store.ts";

export type Actions = ReturnType<typeof makeActions>;

export function useActions(
  view: RefObject<CanvasView | null>,
  teller: RefObject<Teller | null>,
): Actions {
  const store = useEditorStore();
  const { types } = useKnown();
  const told = usePasteTold();
  const connections = useConnectionsHere();
  return useMemo(
    () => makeActions(store, types, view, teller, told, connections),
    [store, types, view, teller, told, connections],
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
  told: PasteTold,
  connections: (part: FlowDocument) => Promise<ReadonlySet<string> | null>,
) {
  const state = () => store.getState();
  const flowNow = () => state().history.flow;

  const finish = (added: edit.Added) => {
    if (!added.command) return;
    state().perform(added.command);
    state().open(added.id, firstToFill);
  };

  const beside = (id: string): Position | null => {
    const place = shownPositions(flowNow()).get(id);
    return place ? [place[0] + nodeWidth + 88, place[1]] : null;
  };

  return {
    /** Adds a type where it is asked for. */
    addAt(type: string, { at, after, before, edge, inside }: AddRequest) {
      const flow = flowNow();
      if (edge) {
        const place: Position = [at[0] - nodeWidth / 2, at[1] - 32];
        return finish(edit.insertOnEdge(flow, types, type, place, edge));
      }
      const left = after ? 0 : before === undefined ? nodeWidth / 2 : nodeWidth;
      const wanted: Position = [at[0] - left, at[1] - 32];
      const near = after && beside(after.node);
      const close = near && Math.abs(at[0] - near[0]) < nodeWidth;
      const place = freePlace(flow, types, close ? [near[0], wanted[1]] : wanted);
      finish(edit.addNode(flow, types, type, place, after, inside, before));
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
      perform(edit.removeChosen(flowNow(), types, selection));
      state().select({ nodes: new Set(), edges: new Set() });
    },

    nudge(by: Position) {
      state().perform(nudge(flowNow(), types, state().selection, by));
    },

    selectAll() {
      const nodes = new Set(flowNow().nodes.map((node) => node.id));
      const notes = new Set(notesOf(flowNow()).map((note) => note.id));
      state().select({ nodes, edges: new Set(), notes });
    },

    /** What is chosen as text, or null where nothing is. */
    copy(): string | null {
      const { selection } = state();
      const any = selection.nodes.size + (selection.notes?.size ?? 0) > 0;
      return any ? copyChosen(flowNow(), selection) : null;
    },

    async paste(text: string) {
      const part = readCopied(text);
      // Sentences tell of nodes only.
      const empty = !part || (teller.current ? part.nodes.length === 0 : isEmptyPart(part));
      if (empty) return told.nothing();
      const here = { types, connections: await connections(part) };
      if (teller.current) return told.pasted(teller.current.paste(part, here));
      const middle = view.current?.middle() ?? [0, 0];
      // Where the pointer has gone since the last key, there it is wanted.
      const screen = view.current?.pointer();
      const there = screen && view.current?.toFlow(screen);
      const own = part.nodes.some((node) => findNode(flowNow(), node.id));
      const at: Position | null = there ?? (own ? null : [middle[0] - 120, middle[1] - 60]);
      const { command, ids, notes, lost } = paste(flowNow(), part, at, here);
      state().perform(command);
      state().select({ nodes: new Set(ids), edges: new Set(), notes: new Set(notes) });
      told.pasted(lost);
    },

    duplicate() {
      if (teller.current) return teller.current.duplicate();
      const copy = duplicate(flowNow(), state().selection, types);
      state().perform(copy.command);
      if (!copy.command) return;
      const notes = new Set(copy.notes);
      state().select({ nodes: new Set(copy.ids), edges: new Set(), notes });
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
      state().perform(edit.arrange(flowNow(), types, places));
      if (!some) setTimeout(() => view.current?.fit(), 40);
    },
  };
}

/** What a person does to what is chosen on the canvas: grouping, lining up, noting, cutting loose. */
import { useLingui } from "@lingui/react/macro";
import { type RefObject, useMemo } from "react";
import type { AddRequest } from "~/canvas/Canvas.tsx";
import type { CanvasView } from "~/canvas/view.ts";
import { type Alignment, align, type Direction, distribute } from "~/model/align.ts";
import { command } from "~/model/command.ts";
import { disconnect, removeChosen, setDisabled } from "~/model/edit.ts";
import { edgeKey, type Position } from "~/model/flow.ts";
import { drawnNotes, groupNodes, placesOf, ungroup } from "~/model/group.ts";
import { addNote, leastSize, type Note, type NoteColor, notesOf, withNotes } from "~/model/note.ts";
import { nodeWidth, shownPositions } from "~/model/place.ts";
import type { NodeTypes } from "~/model/port.ts";
import { reaches } from "~/model/reach.ts";
import { detach } from "~/model/splice.ts";
import { say } from "~/ui/toast.tsx";
import type { Actions } from "../actions.ts";
import { enterPanel } from "../commands.ts";
import { useKnown } from "../data.ts";
import { type EditorStore, useEditorStore } from "../store.ts";

export type Shaping = ReturnType<typeof makeShaping>;

/** How much taller a note becomes at once; it becomes twice as much wider. */
const sizeStep = 32;

interface Told {
  carried: () => void;
  noClipboard: () => void;
  copied: () => void;
}

export function useShaping(
  view: RefObject<CanvasView | null>,
  actions: Actions,
  onAsk: (request: AddRequest) => void,
): Shaping {
  const store = useEditorStore();
  const { types } = useKnown();
  const { t } = useLingui();
  return useMemo(() => {
    const told = {
      noClipboard: () => say(t`The browser does not let the page read the clipboard.`, "problem"),
      carried: () => say(t`Click where it is to stand. Esc leaves it where it is.`),
      copied: () => say(t`Copied.`),
    };
    return makeShaping(store, types, view, actions, onAsk, told);
  }, [store, types, view, actions, onAsk, t]);
}

function makeShaping(
  store: EditorStore,
  types: NodeTypes,
  view: RefObject<CanvasView | null>,
  actions: Actions,
  onAsk: (request: AddRequest) => void,
  told: Told,
) {
  const state = () => store.getState();
  const flowNow = () => state().history.flow;
  const chosen = () => state().selection;
  const notes = () => chosen().notes ?? new Set<string>();
  const groups = () => notesOf(flowNow()).filter((note) => note.nodes && notes().has(note.id));
  const choose = (ids: Iterable<string>) =>
    state().select({ nodes: new Set(), edges: new Set(), notes: new Set(ids) });

  /** Chooses along with what is chosen whatever a way leads to. */
  const chooseAlong = (leads: (from: string, to: string) => boolean) => {
    const starts = [...chosen().nodes];
    const found = flowNow().nodes.filter(({ id }) => starts.some((start) => leads(start, id)));
    const nodes = new Set([...starts, ...found.map((node) => node.id)]);
    state().select({ ...chosen(), nodes });
  };

  const write = () => {
    const [only] = notes();
    if (only !== undefined) view.current?.write(only);
  };

  return {
    chosen,
    groups,

    align: (how: Alignment) => state().perform(align(flowNow(), types, chosen().nodes, how)),
    distribute: (way: Direction) =>
      state().perform(distribute(flowNow(), types, chosen().nodes, way)),

    group() {
      const made = groupNodes(flowNow(), types, chosen().nodes);
      if (!made.command) return;
      state().perform(made.command);
      choose([made.id]);
      view.current?.write(made.id);
    },
    ungroup() {
      const held = groups().flatMap((group) => group.nodes ?? []);
      state().perform(ungroup(flowNow(), notes()));
      state().select({ nodes: new Set(held), edges: new Set() });
    },

    /** A note where the pointer is, or in the middle of what is seen. */
    note() {
      const screen = view.current?.pointer();
      const at = screen ? view.current?.toFlow(screen) : view.current?.middle();
      const { command: added, id } = addNote(flowNow(), at ?? [0, 0]);
      state().perform(added);
      choose([id]);
      view.current?.write(id);
    },
    write,
    /** Goes into the chosen node's name, or into the one chosen note. */
    rename() {
      const [only] = chosen().nodes;
      if (only === undefined) return write();
      state().open(only);
      enterPanel("input[data-name]");
    },
    /** Makes the chosen notes and frames a step larger or smaller. */
    resize(by: 1 | -1) {
      const flow = flowNow();
      const changes = new Map<string, Partial<Note>>();
      for (const { note, rect } of drawnNotes(flow, types, placesOf(flow))) {
        if (!notes().has(note.id)) continue;
        const size: Position = [
          Math.max(rect.width + by * 2 * sizeStep, leastSize[0]),
          Math.max(rect.height + by * sizeStep, leastSize[1]),
        ];
        changes.set(note.id, { at: [rect.x, rect.y], size });
      }
      state().perform(command("note.change", flow, withNotes(flow, changes), "note:size"));
    },
    /** What is chosen stands where one clicks next. */
    carry() {
      view.current?.carry({ nodes: chosen().nodes, notes: notes() });
      told.carried();
    },
    color(color: NoteColor) {
      const changes = new Map([...notes()].map((id) => [id, { color }]));
      state().perform(command("note.change", flowNow(), withNotes(flowNow(), changes)));
    },

    detach: () => state().perform(detach(flowNow(), types, chosen().nodes)),
    /** Cuts every edge of the chosen nodes. */
    cutLoose() {
      const { nodes } = chosen();
      const touching = flowNow().edges.filter((it) => nodes.has(it.from) || nodes.has(it.to));
      state().perform(disconnect(flowNow(), new Set(touching.map(edgeKey)), "edge.cut"));
    },
    disable() {
      const { nodes } = chosen();
      const off = flowNow().nodes.some((node) => nodes.has(node.id) && !node.disabled);
      state().perform(setDisabled(flowNow(), nodes, off));
    },

    async copy() {
      const text = actions.copy();
      if (text === null) return;
      await navigator.clipboard.writeText(text).then(told.copied, told.noClipboard);
    },
    async cut() {
      const text = actions.copy();
      if (text === null) return;
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        return told.noClipboard();
      }
      state().perform(removeChosen(flowNow(), types, chosen(), "node.cut"));
    },
    async paste() {
      try {
        await actions.paste(await navigator.clipboard.readText());
      } catch {
        told.noClipboard();
      }
    },

    /** Asks for a node where the pointer is. */
    ask() {
      const screen = view.current?.pointer();
      const at = screen && view.current?.toFlow(screen);
      if (screen && at) onAsk({ at, screen, exact: true });
    },
    /** Asks for a node on the one chosen edge. */
    insert() {
      const [key, ...others] = chosen().edges;
      const edge = flowNow().edges.find((it) => edgeKey(it) === key);
      if (!edge || others.length > 0) return;
      const shown = shownPositions(flowNow());
      const [left, top] = shown.get(edge.from) ?? [0, 0];
      const [right, bottom] = shown.get(edge.to) ?? [0, 0];
      const between: Position = [(left + nodeWidth + right) / 2, (top + bottom) / 2];
      const screen = view.current?.pointer() ?? view.current?.toScreen(between);
      const at = screen && view.current?.toFlow(screen);
      if (screen && at) onAsk({ at, screen, edge: edgeKey(edge) });
    },
    chooseAfter: () => chooseAlong((from, to) => reaches(flowNow(), from, to)),
    chooseBefore: () => chooseAlong((from, to) => reaches(flowNow(), to, from)),
    fitChosen: () => view.current?.fitTo(chosen()),
  };
}

/** The open flow: its document with history, what is chosen, and how far it is saved. */
import { createContext, useContext } from "react";
import { createStore, useStore } from "zustand";
import type { Flow, Problem } from "~/api/contract.ts";
import { sameJson } from "~/api/json.ts";
import { nothing, type Selection } from "~/canvas/shape.ts";
import type { Command, CommandId } from "~/model/command.ts";
import { type FlowDocument, readFlow } from "~/model/flow.ts";
import * as past from "~/model/history.ts";
import { notesOf } from "~/model/note.ts";
import type { NodeTypes } from "~/model/port.ts";
import { type Fresh, leftKey, type PlacedProblem, placeProblems, soften } from "~/model/problem.ts";
import type { Look } from "./sentence/look.ts";

/** `gone`: the flow was deleted; there is nothing to save to any more. */
export type Saving = "saved" | "changed" | "saving" | "failed" | "conflict" | "gone";

/** Whether a person has to decide before anything is saved again. */
export const isHeld = (saving: Saving): boolean => saving === "conflict" || saving === "gone";

/** Somebody else's newer draft, as the server told of it. */
export interface Conflict {
  etag: string;
  by: string | null;
  at: string | null;
}

/** A document that the server has looked at, and what it found. */
export interface Looked {
  flow: FlowDocument;
  problems: Problem[];
}

/** Says what is wrong with a document now, given what the server said of an earlier one. */
export type Judge = (flow: FlowDocument, looked: Looked) => PlacedProblem[];

/** Asks for the first field of a node that is to be filled in, in the place of a field's pointer. */
export const firstToFill = "first";

export interface EditorState {
  history: past.History;
  selection: Selection;
  /** The node at which one stands with the keyboard. */
  at: string | null;
  /** While nodes are gathered one by one, walking on keeps those that are chosen. */
  gathering: boolean;
  /** The node whose panel is open. */
  opened: string | null;
  /** The field of the open node that a problem points at, or `firstToFill`. */
  sought: string | null;
  /** What nobody has come to yet. */
  fresh: Fresh;
  saving: Saving;
  saved: FlowDocument;
  etag: string;
  conflict: Conflict | null;
  /** Names this page to the server, which lets one page at a time save. */
  tab: string;
  /** How often a save was refused because another page edits. */
  refusals: number;
  problems: PlacedProblem[];
  /** What the server last said, and of which document. */
  looked: Looked;
  judge: Judge;
  /** Whether the flow is shown as a canvas or told as sentences. */
  look: Look;

  perform: (command: Command | null) => void;
  /** Performs what follows from the last step by itself, as a part of it. */
  complete: (command: Command | null) => void;
  undo: () => void;
  redo: () => void;
  select: (selection: Selection) => void;
  stand: (node: string) => void;
  gather: (node: string) => void;
  open: (node: string | null, field?: string) => void;
  close: () => void;
  lookAs: (look: Look) => void;
  /** Looks the document over as it is now. */
  check: () => void;
  /** A place of a new node was gone through: what it lacks is a fault from now on. */
  leave: (node: string, inside: string) => void;
  /** The flow is to work now: whatever is missing anywhere is a fault. */
  demand: () => void;
  judgeBy: (judge: Judge) => void;
  saves: () => void;
  didSave: (flow: FlowDocument, etag: string, problems: Problem[]) => void;
  failSave: () => void;
  meetConflict: (conflict: Conflict) => void;
  /** The flow was deleted elsewhere. */
  meetDeletion: () => void;
  /** Goes on from the draft that the server has. */
  takeOver: (flow: Flow) => void;
  /** Shows the draft that somebody else has saved; what is chosen and open stays so. */
  follow: (flow: Flow) => void;
  /** A save was refused, for another page edits. */
  meetEditor: () => void;
  /** Goes on with this page's document over a newer draft. */
  insist: () => void;
}

export type EditorStore = ReturnType<typeof createEditor>;

/** Nodes and edges that went away are not chosen, nor open, any more. */
function settle(state: EditorState, history: past.History): Partial<EditorState> {
  const ids = new Set(history.flow.nodes.map((node) => node.id));
  const nodes = new Set([...state.selection.nodes].filter((id) => ids.has(id)));
  const written = new Set(notesOf(history.flow).map((note) => note.id));
  const notes = new Set([...(state.selection.notes ?? [])].filter((id) => written.has(id)));
  const same =
    nodes.size === state.selection.nodes.size && notes.size === (state.selection.notes?.size ?? 0);
  return {
    history,
    selection: same ? state.selection : { ...state.selection, nodes, notes },
    at: state.at !== null && ids.has(state.at) ? state.at : null,
    opened: state.opened !== null && ids.has(state.opened) ? state.opened : null,
    saving: savingAfter(state, history.flow),
  };
}

function savingAfter({ saving, saved }: EditorState, flow: FlowDocument): Saving {
  if (isHeld(saving)) return saving;
  if (flow !== saved || saving === "saving") return "changed";
  // Undone to what the server has, unless nobody knows what it has.
  return saving === "failed" ? "failed" : "saved";
}

/** What is wrong now: the same list as before where nothing of it is new, so that nothing is drawn anew. */
function problemsOf(state: EditorState, flow: FlowDocument, looked: Looked, fresh: Fresh) {
  const problems = soften(state.judge(flow, looked), flow, fresh);
  return sameJson(problems, state.problems) ? state.problems : problems;
}

/** What the server has found takes the place of what the editor found by itself. */
function hear(state: EditorState, flow: FlowDocument, looked: Looked): Partial<EditorState> {
  return { looked, problems: problemsOf(state, flow, looked, state.fresh) };
}

function judged(state: EditorState, fresh = state.fresh): Partial<EditorState> {
  return { fresh, problems: problemsOf(state, state.history.flow, state.looked, fresh) };
}

/** Nodes that a command made of nothing are new. */
function freshAfter({ fresh, history }: EditorState, id: CommandId, flow: FlowDocument): Fresh {
  if (id !== "node.add" && id !== "edge.insert") return fresh;
  const known = new Set(history.flow.nodes.map((node) => node.id));
  const added = flow.nodes.filter((node) => !known.has(node.id)).map((node) => node.id);
  return { ...fresh, nodes: new Set([...fresh.nodes, ...added]) };
}

const untouched: Fresh = { nodes: new Set(), left: new Set(), demanded: false };

/** A name that no other page has. */
function freshTab(): string {
  const parts = crypto.getRandomValues(new Uint32Array(4));
  return `tab_${[...parts].map((it) => it.toString(36)).join("")}`;
}

export function createEditor(
  loaded: Flow,
  now_ms: () => number,
  look: Look = "canvas",
  types: NodeTypes = new Map(),
) {
  const document = readFlow(loaded.document);
  return createStore<EditorState>()((set) => ({
    history: past.startHistory(document),
    selection: nothing,
    at: null,
    gathering: false,
    opened: null,
    sought: null,
    fresh: untouched,
    saving: "saved",
    saved: document,
    etag: loaded.etag,
    conflict: null,
    tab: freshTab(),
    refusals: 0,
    problems: soften(placeProblems(document, loaded.problems, types), document, untouched),
    looked: { flow: document, problems: loaded.problems },
    judge: (_, word) => placeProblems(word.flow, word.problems, types),
    look,

    perform: (command) => {
      if (!command) return;
      set((state) => {
        const history = past.perform(state.history, command, now_ms());
        return { ...settle(state, history), fresh: freshAfter(state, command.id, history.flow) };
      });
    },
    complete: (command) => {
      if (command) set((state) => settle(state, past.complete(state.history, command)));
    },
    undo: () => set((state) => settle(state, past.undo(state.history))),
    redo: () => set((state) => settle(state, past.redo(state.history))),
    select: (selection) =>
      set(({ at }) => {
        // Whoever chooses nodes by the pointer stands there for the keys, too.
        const { nodes } = selection;
        const stays = nodes.size === 0 || (at !== null && nodes.has(at));
        return { selection, gathering: false, at: stays ? at : ([...nodes].at(-1) ?? at) };
      }),
    stand: (at) =>
      set(({ gathering, selection, opened }) => ({
        at,
        // The panel that is open goes along.
        opened: opened === null || gathering ? opened : at,
        selection: gathering ? selection : { nodes: new Set([at]), edges: new Set() },
      })),
    gather: (node) =>
      set(({ gathering, selection }) => {
        const nodes = new Set(selection.nodes);
        // Where one stands is chosen already when gathering begins.
        if (gathering && nodes.has(node)) nodes.delete(node);
        else nodes.add(node);
        return { at: node, gathering: nodes.size > 0, selection: { nodes, edges: new Set() } };
      }),
    open: (opened, field) => {
      const nodes = new Set(opened === null ? [] : [opened]);
      const selection = { nodes, edges: new Set<string>() };
      set(({ at }) => ({
        at: opened ?? at,
        opened,
        sought: field ?? null,
        selection,
        gathering: false,
      }));
    },
    close: () => set({ opened: null, sought: null }),
    lookAs: (next) => set({ look: next }),
    check: () => set((state) => judged(state)),
    leave: (node, inside) =>
      set((state) => {
        const { nodes, left } = state.fresh;
        const key = leftKey(node, inside);
        if (!nodes.has(node) || left.has(key)) return {};
        return judged(state, { ...state.fresh, left: new Set([...left, key]) });
      }),
    demand: () => set((state) => judged(state, { ...untouched, demanded: true })),
    judgeBy: (judge) => set((state) => ({ judge, ...judged({ ...state, judge }) })),
    saves: () => set({ saving: "saving" }),
    didSave: (flow, etag, problems) =>
      set((state) => ({
        saved: flow,
        etag,
        ...hear(state, state.history.flow, { flow, problems }),
        saving: state.history.flow === flow ? "saved" : "changed",
      })),
    failSave: () => set({ saving: "failed" }),
    meetDeletion: () => set({ saving: "gone" }),
    meetConflict: (conflict) => set({ saving: "conflict", conflict }),
    takeOver: (flow) => {
      const fresh = readFlow(flow.document);
      set((state) => ({
        history: past.startHistory(fresh),
        saved: fresh,
        etag: flow.etag,
        ...hear(state, fresh, { flow: fresh, problems: flow.problems }),
        saving: "saved",
        conflict: null,
        opened: null,
        selection: nothing,
      }));
    },
    follow: (flow) =>
      set((state) => {
        const fresh = readFlow(flow.document);
        return {
          ...settle(state, past.startHistory(fresh)),
          saved: fresh,
          etag: flow.etag,
          ...hear(state, fresh, { flow: fresh, problems: flow.problems }),
          saving: "saved",
        };
      }),
    meetEditor: () => set((state) => ({ refusals: state.refusals + 1 })),
    insist: () =>
      set((state) => ({
        etag: state.conflict?.etag ?? state.etag,
        conflict: null,
        saving: "changed",
      })),
  }));
}

export const EditorContext = createContext<EditorStore | null>(null);

export function useEditorStore(): EditorStore {
  const store = useContext(EditorContext);
  if (!store) throw new Error("This stands outside the editor");
  return store;
}

export function useEditor<Part>(read: (state: EditorState) => Part): Part {
  return useStore(useEditorStore(), read);
}

export const useFlowDocument = (): FlowDocument => useEditor((state) => state.history.flow);

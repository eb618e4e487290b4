/** What a person does with the steps of a draft told as sentences. */
import { type RefObject, useMemo } from "react";
import { copyChosen, duplicate, type Here, type Lost, paste } from "~/model/clipboard.ts";
import type { Command } from "~/model/command.ts";
import { makeEdge } from "~/model/edge.ts";
import * as edit from "~/model/edit.ts";
import { edgeKey, type FlowDocument, findNode } from "~/model/flow.ts";
import { groupNodes, ungroup } from "~/model/group.ts";
import { addNote, changeNote, freeNotePlace, removeNotes } from "~/model/note.ts";
import type { NodeTypes } from "~/model/port.ts";
import { spotBeside } from "~/model/sentence/beside.ts";
import { addStep, joinAfter, moveStep, type Spot, spotAfter } from "~/model/sentence/spot.ts";
import { useKnown } from "../data.ts";
import { type EditorStore, useEditorStore } from "../store.ts";
import type { Told } from "./told.ts";

export type Edits = ReturnType<typeof makeEdits>;

export function useEdits(told: RefObject<Told>): Edits {
  const store = useEditorStore();
  const { types } = useKnown();
  return useMemo(() => makeEdits(store, types, told), [store, types, told]);
}

function makeEdits(store: EditorStore, types: NodeTypes, told: RefObject<Told>) {
  const state = () => store.getState();
  const flow = () => state().history.flow;
  const perform = (command: Command | null): boolean => {
    state().perform(command);
    return command !== null;
  };
  const select = (ids: Iterable<string>) =>
    state().select({ nodes: new Set(ids), edges: new Set() });
  /** Chosen steps in the order in which they are read. */
  const chosen = (): string[] =>
    [...told.current.outline.steps.keys()].filter((id) => state().selection.nodes.has(id));

  return {
    select,
    chosen,

    /** Adds a type at a place; gives the new node's id, or null where it cannot stand. */
    add(type: string, spot: Spot): string | null {
      const added = addStep(flow(), types, type, spot);
      return perform(added.command) ? added.id : null;
    },

    move(id: string, spot: Spot): boolean {
      return perform(moveStep(flow(), types, told.current.outline, id, spot));
    },

    /** Takes a step one line up or down, into the ways and loops that it meets. */
    shift(id: string, down: boolean): boolean {
      const { outline } = told.current;
      const spot = spotBeside(flow(), types, outline, id, down);
      return spot !== null && perform(moveStep(flow(), types, outline, id, spot));
    },

    remove(ids: Iterable<string>): boolean {
      return perform(edit.removeNodes(flow(), types, ids));
    },

    /** Copies steps right behind the last of them. */
    duplicate(ids: readonly string[]): void {
      const before = flow();
      const copy = duplicate(before, { nodes: new Set(ids), edges: new Set() }, types);
      const last = ids.at(-1);
      const spot = last === undefined ? null : spotAfter(before, types, last);
      const added = copy.command?.apply(before);
      if (!added) return;
      const joined = spot && joinAfter(before, added, types, copy.ids, spot, "node.duplicate");
      if (perform(joined ?? copy.command)) select(copy.ids);
    },

    copied(ids: readonly string[]): string {
      return copyChosen(flow(), { nodes: new Set(ids), edges: new Set() });
    },

    /** Pastes a copied part behind a step; gives what could not come along. */
    paste(part: FlowDocument, here: Here, behind: string | null): Lost[] {
      const before = flow();
      const pasted = paste(before, part, null, here);
      const added = pasted.command?.apply(before);
      if (!added) return [];
      const spot = behind === null ? null : spotAfter(before, types, behind);
      const joined = spot && joinAfter(before, added, types, pasted.ids, spot, "node.paste");
      if (perform(joined ?? pasted.command)) select(pasted.ids);
      return pasted.lost;
    },

    connect(from: string, port: string, to: string): boolean {
      return perform(edit.connect(flow(), types, makeEdge(from, port, to)));
    },

    disconnect(from: string, port: string, to: string): void {
      perform(edit.disconnect(flow(), new Set([edgeKey(makeEdge(from, port, to))])));
    },

    /** Switches steps off, or on where all of them are off. */
    toggle(ids: readonly string[]): void {
      const nodes = ids.flatMap((id) => findNode(flow(), id) ?? []);
      const off = nodes.some((node) => !node.disabled);
      for (const { id } of nodes) {
        perform(edit.setField(flow(), id, "disabled", off ? true : undefined));
      }
    },

    setText(id: string, field: "label" | "note", text: string): void {
      perform(edit.setField(flow(), id, field, text.trim() === "" ? undefined : text));
    },

    /** Draws a frame around steps. */
    group(ids: readonly string[]): void {
      perform(groupNodes(flow(), types, new Set(ids)).command);
    },

    /** Writes an empty note; gives its id, or null where no more are allowed. */
    addNote(): string | null {
      const { command, id } = addNote(flow(), freeNotePlace(flow()));
      return perform(command) ? id : null;
    },

    writeNote(id: string, words: { text: string } | { title: string }): void {
      perform(changeNote(flow(), id, words));
    },

    /** Takes a note away, or the frame of a group from around its steps. */
    removeNote(id: string): void {
      perform(ungroup(flow(), new Set([id])) ?? removeNotes(flow(), new Set([id])));
    },

    /** Gives a step a way out of its own for when it fails. */
    branchOnError(id: string): void {
      perform(edit.setField(flow(), id, "on_error", "branch"));
    },
  };
}

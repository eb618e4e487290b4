/** Everything that can be done to a flow, as data: named, with a shortcut, and undoable. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { applyChanges, type Change, compare, undoChanges } from "./change";
import type { FlowDocument } from "./flow";

export interface CommandKind {
  label: MessageDescriptor;
  shortcut?: string;
}

export const commandKinds = {
  "node.add": { label: msg`Add node`, shortcut: "N" },
  "node.remove": { label: msg`Delete`, shortcut: "Delete" },
  "node.move": { label: msg`Move` },
  "node.params": { label: msg`Change parameter` },
  "node.field": { label: msg`Change setting` },
  "node.paste": { label: msg`Paste`, shortcut: "Mod+V" },
  "node.duplicate": { label: msg`Duplicate`, shortcut: "Mod+D" },
  "edge.add": { label: msg`Connect` },
  "edge.remove": { label: msg`Disconnect`, shortcut: "Delete" },
  "edge.insert": { label: msg`Insert on the line` },
  "edge.move": { label: msg`Reconnect` },
  "edge.cut": { label: msg`Cut the edges` },
  "edge.detach": { label: msg`Take out of the line` },
  "node.align": { label: msg`Align` },
  "node.cut": { label: msg`Cut`, shortcut: "Mod+X" },
  "note.add": { label: msg`Write a note` },
  "note.change": { label: msg`Change the note` },
  "note.remove": { label: msg`Delete the note` },
  "group.add": { label: msg`Group`, shortcut: "Mod+G" },
  "group.remove": { label: msg`Ungroup`, shortcut: "Mod+Shift+G" },
  "flow.field": { label: msg`Change flow` },
  "flow.arrange": { label: msg`Tidy up`, shortcut: "Shift+T" },
  "flow.restore": { label: msg`Bring back a version` },
} satisfies Record<string, CommandKind>;

export type CommandId = keyof typeof commandKinds;

export interface Command {
  id: CommandId;
  label: MessageDescriptor;
  shortcut?: string;
  changes: Change[];
  /** Commands in a row with the same mark are one step of the history (typing in a field). */
  merge?: string;
  apply(flow: FlowDocument): FlowDocument;
  undo(flow: FlowDocument): FlowDocument;
}

/** Makes the command that turns one document into another; null where nothing differs. */
export function command(
  id: CommandId,
  before: FlowDocument,
  after: FlowDocument,
  merge?: string,
): Command | null {
  return commandOf(id, compare(before, after), merge);
}

export function commandOf(id: CommandId, changes: Change[], merge?: string): Command | null {
  if (changes.length === 0) return null;
  const kind: CommandKind = commandKinds[id];
  return {
    id,
    label: kind.label,
    ...(kind.shortcut && { shortcut: kind.shortcut }),
    ...(merge && { merge }),
    changes,
    apply: (flow) => applyChanges(flow, changes),
    undo: (flow) => undoChanges(flow, changes),
  };
}

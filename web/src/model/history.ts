/** The document with its past and its future. Time is given by whoever performs a command. */
import { type Command, type CommandId, command } from "./command";
import type { FlowDocument } from "./flow";

export interface History {
  flow: FlowDocument;
  done: Command[];
  undone: Command[];
  /** When the last command was performed, in milliseconds; what is older is not merged with. */
  at: number;
}

const deepest = 500;
const mergeWithin_ms = 1500;

export function startHistory(flow: FlowDocument): History {
  return { flow, done: [], undone: [], at: 0 };
}

export function perform(history: History, next: Command, at_ms: number): History {
  const last = history.done.at(-1);
  if (last && next.merge && last.merge === next.merge && at_ms - history.at < mergeWithin_ms) {
    return { ...joined(history, last, next, next.id), at: at_ms };
  }
  const flow = next.apply(history.flow);
  return { flow, done: [...history.done, next].slice(-deepest), undone: [], at: at_ms };
}

/** Performs what follows from the last step by itself: both are undone as one. */
export function complete(history: History, next: Command): History {
  const last = history.done.at(-1);
  return last ? joined(history, last, next, last.id) : history;
}

function joined(history: History, last: Command, next: Command, id: CommandId): History {
  const flow = next.apply(history.flow);
  const whole = command(id, last.undo(history.flow), flow, last.merge);
  const before = history.done.slice(0, -1);
  return { flow, done: whole ? [...before, whole] : before, undone: [], at: history.at };
}

export function undo(history: History): History {
  const last = history.done.at(-1);
  if (!last) return history;
  return {
    flow: last.undo(history.flow),
    done: history.done.slice(0, -1),
    undone: [...history.undone, last],
    at: 0,
  };
}

export function redo(history: History): History {
  const next = history.undone.at(-1);
  if (!next) return history;
  return {
    flow: next.apply(history.flow),
    done: [...history.done, next],
    undone: history.undone.slice(0, -1),
    at: 0,
  };
}

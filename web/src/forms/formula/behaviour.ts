/** How the formula editor answers to keys, completion and what is dropped on it. */
import {
  acceptCompletion,
  type CompletionContext,
  closeBracketsKeymap,
  completionKeymap,
  type Completion as Option,
  startCompletion,
} from "@codemirror/autocomplete";
import { EditorView, type KeyBinding } from "@codemirror/view";
import { type Completion, type Completions, leastLetters } from "~/model/complete.ts";
import { slotFor } from "~/model/pill.ts";
import classes from "./formula.module.css";
import { FIELD_MIME } from "./target.ts";

export const completionKeys: KeyBinding[] = [
  { key: "Tab", run: acceptCompletion },
  ...closeBracketsKeymap,
  ...completionKeymap,
];

/** A second opening brace makes the whole slot; a closing one steps over what is there already. */
export const openSlots = EditorView.inputHandler.of((view, from, to, typed) => {
  if (typed === "}") return stepOver(view, from, to);
  if (typed !== "{" || view.state.sliceDoc(from - 1, from) !== "{") return false;
  const closed = view.state.sliceDoc(to, to + 1) === "}" ? 1 : 0;
  view.dispatch({
    changes: { from, to: to + closed, insert: "{  }}" },
    selection: { anchor: from + 2 },
    userEvent: "input.type",
  });
  startCompletion(view);
  return true;
});

function stepOver(view: EditorView, from: number, to: number): boolean {
  const next = /^ ?\}/.exec(view.state.sliceDoc(to, to + 2))?.[0];
  if (from !== to || !next) return false;
  view.dispatch({ selection: { anchor: to + next.length } });
  return true;
}

/** A field that is dragged into the text lands where it is let go. */
export const dropField = (text: boolean) =>
  EditorView.domEventHandlers({
    drop: (event, view) => {
      const path = event.dataTransfer?.getData(FIELD_MIME);
      if (!path) return false;
      const source = view.state.doc.toString();
      const at = view.posAtCoords({ x: event.clientX, y: event.clientY }) ?? source.length;
      const insert = slotFor(source, at, text ? "text" : "expression", path);
      event.preventDefault();
      view.dispatch({
        changes: { from: at, insert },
        selection: { anchor: at + insert.length },
        userEvent: "input.field",
      });
      view.focus();
      return true;
    },
  });

type Complete = (source: string, offset: number) => Completions | null;

/** What may stand at the cursor; asked for by typing only where something has begun. */
export function offerCompletions(context: CompletionContext, complete: Complete) {
  const found = complete(context.state.doc.toString(), context.pos);
  if (!found || found.options.length === 0) return null;
  const typed = context.state.sliceDoc(found.from, context.pos);
  const before = context.state.sliceDoc(0, context.pos);
  if (!context.explicit && typed === "" && !/[.|{\s]$/.test(before)) return null;
  // With the letter from which on more is found, it is looked for anew.
  const validFor = typed.length < leastLetters ? /^\w?$/ : /^\w{2,}$/;
  return { from: found.from, validFor, options: found.options.map(optionOf) };
}

function optionOf(option: Completion): Option {
  const { help, also, seldom } = option;
  return {
    label: also ? `${option.label} ${also}` : option.label,
    displayLabel: option.label,
    apply: option.insert,
    detail: option.detail,
    type: option.kind,
    boost: seldom ? -99 : 0,
    ...(help && { info: () => helpOf(help) }),
  };
}

function helpOf({ signature, summary, example }: NonNullable<Completion["help"]>): HTMLElement {
  const box = document.createElement("div");
  const add = (tag: string, text: string, name: string | undefined) => {
    const line = document.createElement(tag);
    line.className = name ?? "";
    line.textContent = text;
    box.append(line);
  };
  add("code", signature, classes.infoName);
  add("p", summary, classes.infoText);
  if (example) add("code", example, classes.infoExample);
  return box;
}

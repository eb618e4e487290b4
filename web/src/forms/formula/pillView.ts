/** Pills in the editor: stretches of the source that are drawn, walked over and removed as one. */
import {
  Compartment,
  type EditorState,
  type Extension,
  Facet,
  Prec,
  StateEffect,
  StateField,
  type Transaction,
} from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, keymap, WidgetType } from "@codemirror/view";
import { type Pill, pillsIn } from "~/model/pill.ts";
import { partsOf } from "~/model/token.ts";
import classes from "./formula.module.css";
import type { Describe, Shown } from "./shown.ts";

export interface PillHost {
  describe: Describe;
  /** A person opens the pill that begins at an offset. */
  open: (from: number) => void;
  /** What a screen reader says of a pill that is chosen. */
  say: (shown: Shown) => string;
}

const host = Facet.define<PillHost | null, PillHost | null>({
  combine: (hosts) => hosts[0] ?? null,
});
const place = new Compartment();
/** Shows the code of the pill that holds an offset, to be edited as such. */
export const unfold = StateEffect.define<number>();

const settled = StateEffect.define<null>();

/** Gives the editor other words for its pills; null shows code only. */
export const setHost = (next: PillHost | null) => place.reconfigure(host.of(next));

interface Stretch {
  from: number;
  to: number;
}

interface Drawn {
  pills: Pill[];
  /** What is being typed, and therefore shown as code. */
  raw: Stretch | null;
  decorations: DecorationSet;
}

class PillWidget extends WidgetType {
  constructor(
    readonly shown: Shown,
    readonly chosen: boolean,
  ) {
    super();
  }

  override eq(other: PillWidget): boolean {
    return (
      this.chosen === other.chosen && JSON.stringify(this.shown) === JSON.stringify(other.shown)
    );
  }

  override toDOM(): HTMLElement {
    const { label, words, value, lost } = this.shown;
    const pill = document.createElement("span");
    pill.className = classes.pill ?? "";
    pill.dataset.pill = "";
    if (this.chosen) pill.dataset.chosen = "";
    if (lost !== null) pill.dataset.lost = "";
    pill.title = lost ?? [label, ...words].join(", ");
    const add = (text: string, name: string | undefined) => {
      const part = document.createElement("span");
      part.className = name ?? "";
      part.textContent = text;
      pill.append(part);
    };
    add(label, classes.pillLabel);
    if (words.length > 0) add(words.join(", "), classes.pillWords);
    if (value !== null && value !== "") add(value, classes.pillValue);
    return pill;
  }

  override ignoreEvent(): boolean {
    return false;
  }
}

const drawn = (text: boolean) =>
  StateField.define<Drawn>({
    create: (state) => draw(state, null, text),
    update(value, transaction) {
      const { state, startState } = transaction;
      const changed =
        transaction.docChanged ||
        transaction.selection !== undefined ||
        transaction.effects.length > 0 ||
        state.facet(host) !== startState.facet(host);
      return changed ? draw(state, rawAfter(value.raw, transaction, text), text) : value;
    },
    provide: (field) => [
      EditorView.decorations.from(field, (value) => value.decorations),
      EditorView.atomicRanges.of((view) => view.state.field(field).decorations),
    ],
  });

/** What stays code after a change: what a person types, as long as the cursor is there. */
function rawAfter(before: Stretch | null, transaction: Transaction, text: boolean): Stretch | null {
  const { state } = transaction;
  const head = state.selection.main.head;
  const asked = transaction.effects.find((effect) => effect.is(unfold));
  if (transaction.effects.some((effect) => effect.is(settled))) return null;
  if (asked?.is(unfold)) return stretchAt(state, asked.value, text);
  if (transaction.isUserEvent("input.type") || transaction.isUserEvent("input.complete")) {
    return stretchAt(state, head, text);
  }
  if (!before) return null;
  const mapped = {
    from: transaction.changes.mapPos(before.from, -1),
    to: transaction.changes.mapPos(before.to, 1),
  };
  return head >= mapped.from && head <= mapped.to && !transaction.isUserEvent("input.field")
    ? mapped
    : null;
}

/** The stretch around an offset that belongs together: a slot of a text, a field of a formula. */
function stretchAt(state: EditorState, at: number, text: boolean): Stretch | null {
  const source = state.doc.toString();
  if (text) {
    const slot = partsOf(source).find((part) => part.from < at && at < part.to);
    return slot && slot.kind !== "plain" ? { from: slot.from, to: slot.to } : null;
  }
  const pill = pillsIn(source, "expression").find((it) => it.from <= at && at <= it.to);
  if (pill) return { from: pill.from, to: pill.to };
  const typed = /[\w.[\]"']*$/.exec(source.slice(0, at))?.[0] ?? "";
  return typed ? { from: at - typed.length, to: at } : null;
}

function draw(state: EditorState, raw: Stretch | null, text: boolean): Drawn {
  const words = state.facet(host);
  if (!words) return { pills: [], raw, decorations: Decoration.none };
  const source = state.doc.toString();
  const pills = pillsIn(source, text ? "text" : "expression").filter(
    (pill) => !raw || pill.to < raw.from || pill.from > raw.to || (text && !overlap(pill, raw)),
  );
  const { from, to } = state.selection.main;
  const marks = pills.map((pill) =>
    Decoration.replace({
      widget: new PillWidget(words.describe(source, pill), pill.from === from && pill.to === to),
    }).range(pill.from, pill.to),
  );
  return { pills, raw, decorations: Decoration.set(marks) };
}

const overlap = (pill: Stretch, raw: Stretch): boolean => pill.from < raw.to && pill.to > raw.from;

/** Chooses the pill beside the cursor instead of jumping over it; the next key passes it. */
function walk(view: EditorView, field: StateField<Drawn>, side: "before" | "after"): boolean {
  const { main } = view.state.selection;
  if (!main.empty) return false;
  const pill = view.state
    .field(field)
    .pills.find((it) => (side === "after" ? it.from : it.to) === main.head);
  if (!pill) return false;
  choose(view, pill);
  return true;
}

function choose(view: EditorView, pill: Pill): void {
  const words = view.state.facet(host);
  const said = words?.say(words.describe(view.state.doc.toString(), pill)) ?? "";
  view.dispatch({
    selection: { anchor: pill.from, head: pill.to },
    effects: EditorView.announce.of(said),
    scrollIntoView: true,
  });
}

function openChosen(view: EditorView, field: StateField<Drawn>): boolean {
  const { from, to } = view.state.selection.main;
  const pill = view.state.field(field).pills.find((it) => it.from === from && it.to === to);
  if (!pill) return false;
  view.state.facet(host)?.open(pill.from);
  return true;
}

/** Draws the fields of a formula as pills. */
export function pills(text: boolean, first: PillHost | null): Extension {
  const field = drawn(text);
  return [
    place.of(host.of(first)),
    field,
    Prec.highest(
      keymap.of([
        { key: "ArrowRight", run: (view) => walk(view, field, "after") },
        { key: "ArrowLeft", run: (view) => walk(view, field, "before") },
        { key: "Enter", run: (view) => openChosen(view, field) },
      ]),
    ),
    EditorView.domEventHandlers({
      mousedown: (event, view) => {
        const element = (event.target as Element).closest("[data-pill]");
        if (!element || event.button !== 0) return false;
        const at = view.posAtDOM(element);
        const pill = view.state.field(field).pills.find((it) => it.from <= at && at < it.to);
        if (!pill) return false;
        event.preventDefault();
        view.focus();
        choose(view, pill);
        view.state.facet(host)?.open(pill.from);
        return true;
      },
      // What was being typed is a pill as soon as one turns to something else.
      blur: (_, view) => {
        setTimeout(() => {
          const { raw } = view.state.field(field);
          if (raw && !view.hasFocus) view.dispatch({ effects: settled.of(null) });
        });
        return false;
      },
    }),
  ];
}

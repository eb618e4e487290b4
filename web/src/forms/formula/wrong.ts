/** Underlines the place of a problem, until the source there is changed. */
import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";
import { tokensOf } from "~/model/token.ts";
import classes from "./formula.module.css";

/** The offset of the problem in the source; null where there is none. */
export const markWrong = StateEffect.define<number | null>();

const mark = Decoration.mark({ class: classes.wrong ?? "", attributes: { "data-wrong-here": "" } });

export const wrongMark = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(before, transaction) {
    const asked = transaction.effects.find((effect) => effect.is(markWrong));
    if (!asked?.is(markWrong)) {
      return transaction.docChanged ? before.map(transaction.changes) : before;
    }
    const stretch = wrongStretch(transaction.state.doc.toString(), asked.value);
    return stretch ? Decoration.set([mark.range(stretch.from, stretch.to)]) : Decoration.none;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** The word at an offset, or the last one where the offset is the end. */
export function wrongStretch(
  source: string,
  offset: number | null,
): { from: number; to: number } | null {
  if (offset === null || source.trim() === "") return null;
  const tokens = tokensOf(source).filter((token) => token.kind !== "space");
  const found = tokens.find((token) => token.from <= offset && offset < token.to) ?? tokens.at(-1);
  return found ? { from: found.from, to: found.to } : null;
}

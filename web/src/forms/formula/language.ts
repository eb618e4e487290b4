/** Colours for formulas: a reader of tokens, not a parser. What is right the server decides. */
import {
  HighlightStyle,
  StreamLanguage,
  type StringStream,
  syntaxHighlighting,
} from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { tags } from "@lezer/highlight";
import classes from "./formula.module.css";

interface Reading {
  slot: boolean;
}

const words = /^(?:and|or|not|in|is|if|else|elif|endif|for|endfor|true|false|none)\b/i;

function readSlot(stream: StringStream, state: Reading, text: boolean): string | null {
  if (text && stream.match(/^[}%]\}/)) {
    state.slot = false;
    return "brace";
  }
  if (stream.match(/^"(?:[^"\\]|\\.)*"?|^'(?:[^'\\]|\\.)*'?/)) return "string";
  if (stream.match(/^\d+(?:\.\d+)?/)) return "number";
  if (stream.match(words)) return "keyword";
  if (stream.match(/^\|\s*\w+/)) return "operator";
  if (stream.match(/^\.\s*\w+/)) return "propertyName";
  if (stream.match(/^[A-Za-z_]\w*/)) return "variableName";
  stream.next();
  return null;
}

function readToken(stream: StringStream, state: Reading, text: boolean): string | null {
  if (!text || state.slot) return readSlot(stream, state, text);
  if (stream.match(/^\{[{%]/)) {
    state.slot = true;
    return "brace";
  }
  stream.next();
  stream.eatWhile((char) => char !== "{");
  return null;
}

const colours = HighlightStyle.define([
  { tag: tags.brace, class: classes.brace },
  { tag: tags.string, class: classes.string },
  { tag: tags.number, class: classes.number },
  { tag: tags.keyword, class: classes.keyword },
  { tag: tags.operator, class: classes.filter },
  { tag: tags.propertyName, class: classes.name },
  { tag: tags.variableName, class: classes.name },
]);

/** The language of typed formulas, or of texts with slots. */
export function formulaLanguage(text: boolean): Extension {
  const language = StreamLanguage.define<Reading>({
    startState: () => ({ slot: false }),
    token: (stream, state) => readToken(stream, state, text),
  });
  return [language, syntaxHighlighting(colours)];
}

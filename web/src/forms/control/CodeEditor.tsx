/** An editor for code on CodeMirror; loaded when a field with code is first shown. */
import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import {
  HighlightStyle,
  indentOnInput,
  indentUnit,
  StreamLanguage,
  syntaxHighlighting,
} from "@codemirror/language";
import { EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import { cspNonce } from "~/ui/nonce.ts";
import classes from "../form.module.css";

interface CodeEditorProps {
  id: string;
  label: string;
  language: string;
  value: string;
  readOnly: boolean;
  invalid: boolean;
  onChange: (text: string) => void;
}

const keywords = new Set(
  (
    "and as assert break class continue def del elif else except False finally for from global if " +
    "import in is lambda None nonlocal not or pass raise return True try while with yield"
  ).split(" "),
);

/** As much of Python as its colours take. */
const python = StreamLanguage.define<{ quote: string | null }>({
  startState: () => ({ quote: null }),
  token(stream, state) {
    if (state.quote !== null) {
      if (stream.skipTo(state.quote)) {
        stream.match(state.quote);
        state.quote = null;
      } else stream.skipToEnd();
      return "string";
    }
    if (stream.eatSpace()) return null;
    if (stream.match(/^#.*/)) return "comment";
    const triple = stream.match(/^[rbf]{0,2}("""|''')/i);
    if (triple && triple !== true) {
      state.quote = triple[1] ?? null;
      return "string";
    }
    if (stream.match(/^[rbf]{0,2}("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)/i)) return "string";
    if (stream.match(/^\d[\d_]*(\.\d+)?([eE][+-]?\d+)?/)) return "number";
    const word = stream.match(/^[A-Za-z_]\w*/);
    if (word && word !== true) return keywords.has(word[0]) ? "keyword" : null;
    stream.next();
    return null;
  },
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--tramo-control)" },
  { tag: [tags.string, tags.propertyName], color: "var(--tramo-code-text)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--tramo-code-number)" },
  { tag: tags.comment, color: "var(--tramo-ink-soft)" },
]);

const languages: Record<string, () => Extension> = {
  python: () => [python, indentUnit.of("    ")],
  json: () => json(),
};

export default function CodeEditor(props: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    if (!host.current) return;
    const { id, label, language, value, readOnly } = latest.current;
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          EditorView.cspNonce.of(cspNonce()),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ id, "aria-label": label, "aria-multiline": "true" }),
          EditorState.readOnly.of(readOnly),
          lineNumbers(),
          history(),
          drawSelection(),
          indentOnInput(),
          closeBrackets(),
          languages[language]?.() ?? [],
          syntaxHighlighting(colours),
          // Escape, then Tab, leaves the editor by keyboard.
          keymap.of([...closeBracketsKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
          EditorView.updateListener.of((update) => {
            const text = update.state.doc.toString();
            if (update.docChanged && text !== latest.current.value) latest.current.onChange(text);
          }),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, []);

  useEffect(() => {
    const editor = view.current;
    // While it has the focus, what is typed here is newer than what comes back.
    if (!editor || editor.hasFocus || editor.state.doc.toString() === props.value) return;
    const { length } = editor.state.doc;
    editor.dispatch({ changes: { from: 0, to: length, insert: props.value } });
  }, [props.value]);

  return <div ref={host} className={classes.code} data-invalid={props.invalid || undefined} />;
}

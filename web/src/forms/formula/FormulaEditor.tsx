/** The formula editor: CodeMirror with our language, completion and no look of its own. */
import {
  acceptCompletion,
  autocompletion,
  type CompletionContext,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  startCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import { EditorView, keymap, placeholder as placeholderOf } from "@codemirror/view";
import { type Ref, useEffect, useImperativeHandle, useRef } from "react";
import { type Completions, slotStart } from "~/model/complete.ts";
import { cspNonce } from "~/ui/nonce.ts";
import classes from "./formula.module.css";
import { formulaLanguage } from "./language.ts";

export interface EditorControl {
  /** Writes a field where the cursor is, in a slot of its own where the text has none there. */
  insert: (path: string) => void;
}

interface FormulaEditorProps {
  id: string;
  label: string;
  text: boolean;
  source: string;
  readOnly: boolean;
  eager: boolean;
  placeholder: string;
  complete: (source: string, offset: number) => Completions | null;
  onChange: (source: string) => void;
  ref?: Ref<EditorControl>;
}

export default function FormulaEditor(props: FormulaEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const given = useRef(props.source);
  /** What was typed here and has not come back from the document yet. */
  const told = useRef<string[]>([]);

  useEffect(() => {
    if (!host.current) return;
    const made = new EditorView({
      parent: host.current,
      state: makeState(
        latest.current,
        () => latest.current,
        (source) => {
          told.current.push(source);
          latest.current.onChange(source);
        },
      ),
    });
    view.current = made;
    if (latest.current.eager) begin(made, latest.current.text);
    return () => made.destroy();
  }, []);

  useEffect(() => {
    if (props.source === given.current) return;
    given.current = props.source;
    // A person types faster than the page is drawn: what was told is not news.
    const place = told.current.lastIndexOf(props.source);
    told.current = place < 0 ? [] : told.current.slice(place + 1);
    const editor = view.current;
    if (place >= 0 || !editor || editor.state.doc.toString() === props.source) return;
    editor.dispatch({
      changes: { from: 0, to: editor.state.doc.length, insert: props.source },
      selection: { anchor: Math.min(editor.state.selection.main.head, props.source.length) },
    });
  }, [props.source]);

  useImperativeHandle(props.ref, () => ({
    insert: (path) => {
      const editor = view.current;
      if (!editor) return;
      const { from, to } = editor.state.selection.main;
      const source = editor.state.doc.toString();
      const bare = !latest.current.text || slotStart(source, from) !== null;
      const insert = bare ? path : `{{ ${path} }}`;
      editor.dispatch({
        changes: { from, to, insert },
        selection: { anchor: from + insert.length },
      });
      editor.focus();
    },
  }));

  return <div ref={host} className={classes.editor} data-text={props.text || undefined} />;
}

function makeState(
  props: FormulaEditorProps,
  latest: () => FormulaEditorProps,
  tell: (source: string) => void,
): EditorState {
  const writable = new Compartment();
  return EditorState.create({
    doc: props.source,
    selection: { anchor: props.source.length },
    extensions: [
      EditorView.cspNonce.of(cspNonce()),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ id: props.id, "aria-label": props.label }),
      writable.of(EditorState.readOnly.of(props.readOnly)),
      history(),
      closeBrackets(),
      formulaLanguage(props.text),
      placeholderOf(props.placeholder),
      autocompletion({ override: [(context) => options(context, latest)], icons: false }),
      props.text ? openSlots : [],
      Prec.high(keymap.of([{ key: "Tab", run: acceptCompletion }])),
      keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) {
          const source = update.state.doc.toString();
          if (source !== latest().source) tell(source);
        }
      }),
    ],
  });
}

/** Takes over from the plain field in which somebody was typing; an opened slot gets its end. */
function begin(view: EditorView, text: boolean): void {
  view.focus();
  const end = view.state.doc.length;
  if (!text || view.state.sliceDoc(end - 2, end) !== "{{") return;
  view.dispatch({ changes: { from: end, insert: "  }}" }, selection: { anchor: end + 1 } });
  startCompletion(view);
}

/** A second opening brace makes the whole slot and offers what may stand in it. */
const openSlots = EditorView.inputHandler.of((view, from, to, typed) => {
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

function options(context: CompletionContext, latest: () => FormulaEditorProps) {
  const found = latest().complete(context.state.doc.toString(), context.pos);
  if (!found || found.options.length === 0) return null;
  const typed = context.state.sliceDoc(found.from, context.pos);
  if (!context.explicit && typed === "" && !/[.|{\s]$/.test(context.state.sliceDoc(0, context.pos)))
    return null;
  return {
    from: found.from,
    validFor: /^\w*$/,
    options: found.options.map((option) => ({
      label: option.label,
      apply: option.insert,
      detail: option.detail,
      type: option.kind,
    })),
  };
}

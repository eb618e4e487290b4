/** The formula editor: CodeMirror with our language, pills, completion and no look of its own. */
import { autocompletion, closeBrackets, startCompletion } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, undo } from "@codemirror/commands";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import { dropCursor, EditorView, keymap, placeholder as placeholderOf } from "@codemirror/view";
import { type Ref, useEffect, useImperativeHandle, useRef } from "react";
import type { Completions } from "~/model/complete.ts";
import { type Edit, pillsIn, slotFor } from "~/model/pill.ts";
import { cspNonce } from "~/ui/nonce.ts";
import { completionKeys, dropField, offerCompletions, openSlots } from "./behaviour.ts";
import classes from "./formula.module.css";
import { formulaLanguage } from "./language.ts";
import { type PillHost, pills, setHost, unfold } from "./pillView.ts";
import { markWrong, wrongMark } from "./wrong.ts";

export interface EditorControl {
  /** Writes a field where the cursor is, in a slot of its own where the text has none there. */
  insert: (path: string) => void;
  /** Writes something as it stands where the cursor is. */
  write: (source: string) => void;
  /** Goes on typing at a place. */
  type: (at: number, typed: string) => void;
  /** Puts the cursor to a place. */
  stand: (at: number) => void;
  undo: () => void;
  apply: (edit: Edit) => void;
  /** The pill that begins at an offset: where it is on the page. */
  placeOf: (from: number) => DOMRect | null;
  /** Where the pill begins that ends at the cursor. */
  lastPill: () => number | null;
  /** Shows a pill as code, with the cursor at its end. */
  unfold: (from: number) => void;
  focus: () => void;
}

export interface FormulaEditorProps {
  id: string;
  label: string;
  text: boolean;
  source: string;
  readOnly: boolean;
  eager: boolean;
  placeholder: string;
  /** Where the source is wrong, by its offset. */
  wrong: number | null;
  /** How fields are drawn; null shows the code. */
  pills: PillHost | null;
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

  useEffect(() => {
    view.current?.dispatch({ effects: setHost(props.pills) });
  }, [props.pills]);
  useEffect(() => {
    view.current?.dispatch({ effects: markWrong.of(props.wrong) });
  }, [props.wrong]);

  useImperativeHandle(props.ref, () => controlOf(view, latest));

  return <div ref={host} className={classes.editor} data-text={props.text || undefined} />;
}

function controlOf(
  view: { current: EditorView | null },
  latest: { current: FormulaEditorProps },
): EditorControl {
  const change = (edit: Edit, select = edit.from + edit.insert.length) => {
    view.current?.dispatch({
      changes: edit,
      selection: { anchor: select },
      userEvent: "input.field",
      scrollIntoView: true,
    });
  };
  return {
    insert: (path) => {
      const editor = view.current;
      if (!editor) return;
      const { from, to } = editor.state.selection.main;
      const source = editor.state.doc.toString();
      const kind = latest.current.text ? "text" : "expression";
      // A field that takes one formula, and holds one field, gets the other instead of both.
      const [only, more] = pillsIn(source, "expression");
      const alone =
        kind === "expression" && only && !more && source.trim().length === only.to - only.from;
      if (alone) change({ from: 0, to: source.length, insert: path });
      else change({ from, to, insert: slotFor(source, from, kind, path) });
      editor.focus();
    },
    write: (source) => {
      const editor = view.current;
      if (!editor) return;
      const { from, to } = editor.state.selection.main;
      change({ from, to, insert: source });
      editor.focus();
    },
    type: (at, typed) => {
      const editor = view.current;
      editor?.focus();
      editor?.dispatch({
        changes: { from: at, insert: typed },
        selection: { anchor: at + typed.length },
        userEvent: "input.type",
        scrollIntoView: true,
      });
    },
    stand: (at) => {
      view.current?.focus();
      view.current?.dispatch({ selection: { anchor: at }, scrollIntoView: true });
    },
    undo: () => {
      view.current?.focus();
      if (view.current) undo(view.current);
    },
    apply: (edit) => {
      change(edit);
      // What was changed stays chosen, so that the next key is about it.
      const state = view.current?.state;
      const kind = latest.current.text ? "text" : "expression";
      const source = state?.doc.toString() ?? "";
      const pill = pillsIn(source, kind).find((it) => it.from <= edit.from && edit.from <= it.to);
      if (pill) view.current?.dispatch({ selection: { anchor: pill.from, head: pill.to } });
    },
    placeOf: (from) => {
      const found = view.current?.coordsAtPos(from, 1);
      return found ? new DOMRect(found.left, found.top, 0, found.bottom - found.top) : null;
    },
    lastPill: () => {
      const state = view.current?.state;
      const head = state?.selection.main.head;
      const kind = latest.current.text ? "text" : "expression";
      const pill = pillsIn(state?.doc.toString() ?? "", kind).find((it) => it.to === head);
      return pill?.from ?? null;
    },
    unfold: (from) => {
      const editor = view.current;
      if (!editor) return;
      const source = editor.state.doc.toString();
      const kind = latest.current.text ? "text" : "expression";
      const pill = pillsIn(source, kind).find((it) => it.from === from);
      if (!pill) return;
      const end = pill.filters.at(-1)?.to ?? pill.path.to;
      editor.dispatch({ selection: { anchor: end }, effects: unfold.of(end) });
      editor.focus();
    },
    focus: () => view.current?.focus(),
  };
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
      wrongMark,
      pills(props.text, props.pills),
      placeholderOf(props.placeholder),
      autocompletion({
        override: [(context) => offerCompletions(context, latest().complete)],
        icons: false,
      }),
      props.text ? openSlots : [],
      dropField(props.text),
      dropCursor(),
      Prec.high(keymap.of(completionKeys)),
      keymap.of([...historyKeymap, ...defaultKeymap]),
      EditorView.updateListener.of((update) => {
        // A list that scrolls can be reached by key: not every browser sees to that.
        update.view.dom
          .querySelector(".cm-tooltip-autocomplete > ul")
          ?.setAttribute("tabindex", "0");
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
  view.dispatch({
    changes: { from: end, insert: "  }}" },
    selection: { anchor: end + 1 },
    effects: unfold.of(end + 1),
  });
  startCompletion(view);
}

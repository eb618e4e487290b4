/** One field: its frame, its literal control by kind, or its formula. */
import { type FocusEvent, useId, useRef, useState } from "react";
import type { JsonSchema } from "~/api/contract.ts";
import type { Json, JsonObject } from "~/api/json.ts";
import { readCondition } from "~/model/condition.ts";
import {
  isFormula,
  kindOfValue,
  literalOf,
  quote,
  sourceOf,
  toFormula,
  toLiteral,
} from "~/model/formula.ts";
import { wordsAtField } from "~/model/problem.ts";
import { type FieldKind, fieldKind, hintOf, startsAsFormula, titleOf } from "~/model/schema.ts";
import { useStable } from "~/ui/stable.ts";
import { Control, patternOf } from "./control/Control.tsx";
import { widgetOf } from "./control/registry.ts";
import { FieldFrame } from "./FieldFrame.tsx";
import type { EditorControl } from "./formula/FormulaEditor.tsx";
import { FormulaField } from "./formula/FormulaField.tsx";
import { PickButton } from "./formula/PickButton.tsx";
import { type Point, useTarget } from "./formula/target.ts";
import { Suggestion } from "./Suggestion.tsx";
import { ScopeContext, useLocalScope, useProblemsAt } from "./scope.ts";

export interface FieldProps {
  name: string;
  schema: JsonSchema;
  root: JsonSchema;
  pointer: string;
  required: boolean;
  value: Json | undefined;
  /** The object that the field is part of. */
  siblings: JsonObject;
  onChange: (pointer: string, value: Json | undefined) => void;
  /** The place in the data that most likely goes here. */
  suggested?: string | null;
  /** Leaves the title to whoever shows the field (a list's item). */
  untitled?: boolean;
}

/** Conditions are formulas in the document, and rows in the form as long as rows can say them. */
function showsRows(kind: FieldKind, value: Json | undefined): boolean {
  if (kind !== "condition") return false;
  if (value === undefined || value === "") return true;
  return kindOfValue(value) === "expression" && readCondition(sourceOf(value)) !== null;
}

export function Field(props: FieldProps) {
  const { name, schema, pointer, required, value, onChange, untitled = false } = props;
  const { suggested = null } = props;
  const scope = useLocalScope(schema);
  const id = useId();
  const [eager, setEager] = useState(false);
  const [plain, setPlain] = useState(false);
  const kind = fieldKind(schema);
  const widget = widgetOf(kind);
  const rows = !plain && showsRows(kind, value);
  const asked =
    scope.formulas && !plain && (value === undefined || value === null) && startsAsFormula(schema);
  const formula = !rows && (isFormula(value) || kind === "condition" || asked);
  const problems = useProblemsAt(pointer, formula || rows);
  const written = literalOf(value);
  const prose = widget.prose || (kind === "any" && typeof written === "string" && written);
  const mode = prose ? "text" : "expression";
  const title = titleOf(name, schema);
  const set = (next: Json | undefined) => {
    if (!formula && isFormula(next)) setEager(true);
    onChange(pointer, next);
  };

  const toggle = () => {
    if (kind === "condition") {
      setPlain(!formula);
      // What rows cannot say is not lost by asking for rows: the formula has to go first.
      if (formula && !showsRows(kind, value)) set({ $expr: "" });
    } else if (formula) {
      setPlain(true);
      set(toLiteral(value));
    } else {
      setPlain(false);
      set(toFormula(value ?? schema.default, mode));
    }
  };
  const editor = useRef<EditorControl>(null);
  // In a text that nobody was in yet, browsers have the cursor at the beginning.
  const entered = useRef(false);
  const pick = useStable((path: string, point?: Point) => {
    if (formula) return editor.current?.insert(path);
    if (mode === "expression") return set({ $expr: path });
    const text = typeof written === "string" ? written : "";
    const caret = entered.current ? caretOf(id, text) : null;
    const at = point ? (caretAt(id, text, point)?.offset ?? null) : caret;
    set({ $text: insertSlot(text, at, path) });
  });
  const cursorAt = (point: Point) => {
    const found =
      formula || mode === "expression" ? null : caretAt(id, String(written ?? ""), point);
    return found?.getClientRect() ?? null;
  };
  const offered =
    scope.formulas &&
    !scope.readOnly &&
    kind !== "secret" &&
    !hintOf(schema).fixed &&
    // A node's ports are there before any run: what names them is never reckoned.
    !(scope.ownPorts && namesPorts(scope.ownPorts, pointer));
  const invalid = problems.some((it) => it.level === "error");

  const takes = offered && !rows && !widget.nested && scope.variables.length > 0;
  const target = useTarget(pointer, title, takes ? pick : null, cursorAt);
  const enter = (event: FocusEvent) => {
    if (event.target.id === id) entered.current = true;
    target.onFocus?.(event);
  };

  const shown = (
    <FieldFrame
      id={id}
      target={{ ...target, onFocus: enter }}
      pointer={pointer}
      title={title}
      titled={!untitled}
      required={required}
      schema={schema}
      problems={formula ? [] : problems}
      formula={formula}
      condition={rows}
      grouped={!formula && widget.grouped === true}
      {...(offered && { onFormula: toggle })}
      pick={takes && !formula ? <PickButton onPick={pick} /> : null}
    >
      {formula ? (
        <FormulaField
          ref={editor}
          id={id}
          title={title}
          kind={isFormula(value) ? kindOfValue(value) : "expression"}
          value={isFormula(value) ? value : toFormula(value, "expression")}
          problems={problems.map((it) => ({ ...it, message: wordsAtField(it, title) }))}
          eager={eager}
          onChange={set}
        />
      ) : (
        <Control
          id={id}
          title={title}
          kind={kind}
          schema={schema}
          root={props.root}
          pointer={pointer}
          required={required}
          invalid={invalid}
          siblings={props.siblings}
          value={rows ? value : written}
          onChange={(next) =>
            set(rows || next === undefined ? next : readSlots(next, kind, offered))
          }
          onChangeAt={onChange}
        />
      )}
      {suggested && takes && !formula && (written === undefined || written === "") && (
        <Suggestion path={suggested} onPick={pick} />
      )}
    </FieldFrame>
  );
  return hintOf(schema).names ? <ScopeContext value={scope}>{shown}</ScopeContext> : shown;
}

/** Where the cursor of a plain field is that shows this text. */
function caretOf(id: string, text: string): number | null {
  const input = document.getElementById(id) as HTMLInputElement | null;
  return input?.value === text ? input.selectionStart : null;
}

/** Where in a plain field's text a point lies, in browsers that can tell. */
function caretAt(id: string, text: string, { x, y }: Point): CaretPosition | null {
  const input = document.getElementById(id) as HTMLInputElement | null;
  const found = document.caretPositionFromPoint?.(x, y);
  return input?.value === text && found?.offsetNode === input ? found : null;
}

/** Puts a slot at a place of a text, else at its end, apart from a word that ends or begins there. */
function insertSlot(text: string, caret: number | null, path: string): string {
  const at = caret ?? text.length;
  const [before, after] = [text.slice(0, at), text.slice(at)];
  const gap = /[^\s(#@/:-]$/.test(before) && /^(\s|$)/.test(after) ? " " : "";
  const apart = /(^|\s)$/.test(before) && /^[\p{L}\p{N}]/u.test(after) ? " " : "";
  return `${before}${gap}{{ ${path} }}${apart}${after}`;
}

function namesPorts(pattern: string, pointer: string): boolean {
  const here = patternOf(pointer);
  return pattern === here || pattern.startsWith(`${here}/*/`);
}

/** A text becomes one with slots as soon as somebody types a slot; what only looks so is quoted. */
function readSlots(value: Json, kind: FieldKind, formulas: boolean): Json {
  if (!formulas) return value;
  const text = widgetOf(kind).prose || kind === "any";
  const slots = text && typeof value === "string" && value.includes("{{");
  return slots ? { $text: value } : quote(value);
}

/** One field: its frame, its literal control by kind, or its formula. */
import { useId, useState } from "react";
import type { JsonSchema } from "~/api/contract.ts";
import type { Json } from "~/api/json.ts";
import { isFormula, kindOfValue, literalOf, quote, toFormula, toLiteral } from "~/model/formula.ts";
import { type FieldKind, fieldKind, hintOf, titleOf } from "~/model/schema.ts";
import { Control } from "./control/Control.tsx";
import { FieldFrame } from "./FieldFrame.tsx";
import { FormulaField } from "./formula/FormulaField.tsx";
import { PickButton } from "./formula/PickButton.tsx";
import { useProblemsAt, useScope } from "./scope.ts";

export interface FieldProps {
  name: string;
  schema: JsonSchema;
  root: JsonSchema;
  pointer: string;
  required: boolean;
  value: Json | undefined;
  onChange: (pointer: string, value: Json | undefined) => void;
  /** Leaves the title to whoever shows the field (a list's item). */
  untitled?: boolean;
}

const textKinds: ReadonlySet<FieldKind> = new Set(["text", "long_text", "code"]);
/** Kinds whose parts have formulas of their own. */
const nested: ReadonlySet<FieldKind> = new Set(["object", "map", "list"]);

export function Field(props: FieldProps) {
  const { name, schema, pointer, required, value, onChange, untitled = false } = props;
  const scope = useScope();
  const id = useId();
  const [eager, setEager] = useState(false);
  const kind = fieldKind(schema);
  const formula = isFormula(value);
  const problems = useProblemsAt(pointer, formula);
  const written = literalOf(value);
  const prose = textKinds.has(kind) || (kind === "any" && typeof written === "string" && written);
  const mode = prose ? "text" : "expression";
  const title = titleOf(name, schema);
  const set = (next: Json | undefined) => {
    if (!formula && isFormula(next)) setEager(true);
    onChange(pointer, next);
  };

  const toggle = () => {
    if (formula) set(toLiteral(value));
    else set(toFormula(value ?? schema.default, mode));
  };
  const pick = (path: string) => {
    if (formula) return;
    if (mode === "expression") return set({ $expr: path });
    const text = typeof written === "string" ? written : "";
    set({ $text: `${text}${text && !/\s$/.test(text) ? " " : ""}{{ ${path} }}` });
  };
  const offered =
    scope.formulas &&
    !scope.readOnly &&
    kind !== "secret" &&
    !hintOf(schema).fixed &&
    // A node's ports are there before any run: what names them is never reckoned.
    !(scope.ownPorts && namesPorts(scope.ownPorts, pointer));

  return (
    <FieldFrame
      id={id}
      pointer={pointer}
      title={title}
      titled={!untitled}
      required={required}
      schema={schema}
      problems={formula ? [] : problems}
      formula={formula}
      {...(offered && { onFormula: toggle })}
      pick={
        offered && !formula && !nested.has(kind) && scope.variables.length > 0 ? (
          <PickButton onPick={pick} />
        ) : null
      }
    >
      {formula ? (
        <FormulaField
          id={id}
          title={title}
          kind={kindOfValue(value)}
          value={value}
          problems={problems}
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
          invalid={problems.some((it) => it.level === "error")}
          value={written}
          onChange={(next) => set(next === undefined ? undefined : readSlots(next, kind, offered))}
          onChangeAt={onChange}
        />
      )}
    </FieldFrame>
  );
}

function namesPorts(pattern: string, pointer: string): boolean {
  const here = pointer.replace(/\/\d+(?=\/|$)/g, "/*");
  return pattern === here || pattern.startsWith(`${here}/*/`);
}

/** A text becomes one with slots as soon as somebody types a slot; what only looks so is quoted. */
function readSlots(value: Json, kind: FieldKind, formulas: boolean): Json {
  if (!formulas) return value;
  const text = textKinds.has(kind) || kind === "any";
  const slots = text && typeof value === "string" && value.includes("{{");
  return slots ? { $text: value } : quote(value);
}

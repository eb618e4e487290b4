import { useLingui } from "@lingui/react/macro";
import { TextInput } from "@mantine/core";
import { useState } from "react";
import { isLosslessNumber, type Json, parseJson, writeJson } from "~/api/json.ts";
import classes from "../form.module.css";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";
import { usePlaceholder } from "./placeholder.ts";

/** Reads a typed number exactly; a decimal comma is understood. Null for what is no number. */
export function readNumber(text: string, whole: boolean): Json | null {
  const plain = text
    .trim()
    .replace(/^\+/, "")
    .replace(/^(-?\d+),(\d+)$/, "$1.$2");
  const shape = whole ? /^-?(?:0|[1-9]\d*)$/ : /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
  return shape.test(plain) ? parseJson(plain) : null;
}

function written(value: Json | undefined): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || isLosslessNumber(value) ? writeJson(value) : "";
}

/** A number as text, so that it stays exactly what was typed. */
export function NumberControl(props: ControlProps) {
  const { id, kind, schema, value, invalid, onChange } = props;
  const { t } = useLingui();
  const { readOnly } = useScope();
  const placeholder = usePlaceholder(schema);
  const [typed, setTyped] = useState<string | null>(null);
  const whole = kind === "integer";
  const shown = typed ?? written(value);
  const wrong = typed !== null && typed.trim() !== "" && readNumber(typed, whole) === null;

  const type = (text: string) => {
    setTyped(text);
    if (text.trim() === "") return onChange(undefined);
    const number = readNumber(text, whole);
    if (number !== null) onChange(number);
  };
  return (
    <>
      <TextInput
        id={id}
        inputMode={whole ? "numeric" : "decimal"}
        autoComplete="off"
        readOnly={readOnly}
        error={invalid || wrong}
        value={shown}
        placeholder={placeholder}
        onChange={(event) => type(event.currentTarget.value)}
        onBlur={() => !wrong && setTyped(null)}
      />
      {wrong && (
        <p className={classes.problem} role="alert">
          {whole ? t`Write a whole number, such as 12.` : t`Write a number, such as 10.50.`}
        </p>
      )}
    </>
  );
}

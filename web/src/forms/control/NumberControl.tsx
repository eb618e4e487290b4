import { useLingui } from "@lingui/react/macro";
import { TextInput } from "@mantine/core";
import { useState } from "react";
import { isLosslessNumber, type Json, writeJson } from "~/api/json.ts";
import { useFormat } from "~/ui/format.ts";
import classes from "../form.module.css";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";
import { readingsOf, readNumber } from "./number.ts";
import { usePlaceholder } from "./placeholder.ts";

function written(value: Json | undefined): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || isLosslessNumber(value) ? writeJson(value) : "";
}

/** Why a text cannot be taken for a number, if it cannot. */
export function useNumberFault(text: string, whole: boolean): string | null {
  const { t } = useLingui();
  const { decimal } = useFormat();
  if (text.trim() === "" || readNumber(text, whole) !== null) return null;
  const two = readingsOf(text);
  if (two) {
    const [one, other] = [two.whole, decimal(two.decimal)];
    return t`This could be ${one} or ${other}: write the one you mean.`;
  }
  return whole ? t`Write a whole number, such as 12.` : t`Write a number, such as 10.50.`;
}

/** A number as text, so that it stays exactly what was typed. */
export function NumberControl(props: ControlProps) {
  const { id, kind, schema, value, invalid, onChange } = props;
  const { readOnly } = useScope();
  const placeholder = usePlaceholder(schema);
  const [typed, setTyped] = useState<string | null>(null);
  const whole = kind === "integer";
  const shown = typed ?? written(value);
  // An exact amount may be a text, and is one already where it was written by a program.
  const texts = kind === "decimal";
  const kept = typeof value === "string" && !texts ? value : "";
  const wrong = useNumberFault(typed ?? kept, whole);

  const type = (text: string) => {
    setTyped(text);
    // What cannot be read stays as it was typed: half of it would be another number.
    const unread = text.trim() === "" || texts ? undefined : text;
    onChange(readNumber(text, whole) ?? unread);
  };
  return (
    <>
      <TextInput
        id={id}
        inputMode={whole ? "numeric" : "decimal"}
        autoComplete="off"
        readOnly={readOnly}
        error={invalid || wrong !== null}
        value={shown}
        placeholder={placeholder}
        onChange={(event) => type(event.currentTarget.value)}
        onBlur={() => wrong === null && setTyped(null)}
      />
      {wrong !== null && (
        <p className={classes.problem} role="alert">
          {wrong}
        </p>
      )}
    </>
  );
}

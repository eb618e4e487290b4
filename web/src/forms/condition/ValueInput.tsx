/** What a field is compared with: a value of its kind, several, or another field. */
import { useLingui } from "@lingui/react/macro";
import { MultiSelect, NativeSelect, TagsInput, TextInput } from "@mantine/core";
import { Braces, PenLine } from "lucide-react";
import { useId, useState } from "react";
import { type Json, writeJson } from "~/api/json.ts";
import type { Operand } from "~/model/condition.ts";
import { useNumberFault } from "../control/NumberControl.tsx";
import { readNumber } from "../control/number.ts";
import { useTarget } from "../formula/target.ts";
import { Tool } from "../RowTools.tsx";
import { useScope } from "../scope.ts";
import classes from "./condition.module.css";
import type { Nature } from "./nature.ts";
import { PlacePicker } from "./PlacePicker.tsx";

interface ValueInputProps {
  nature: Nature;
  many: boolean;
  value: Operand | undefined;
  onChange: (value: Operand | undefined) => void;
}

export function ValueInput({ nature, many, value, onChange }: ValueInputProps) {
  const { t } = useLingui();
  const { readOnly } = useScope();
  const path = value && "path" in value ? value.path : null;
  // A field that is brought here is what it is compared with; the picker of one takes its own.
  const takes = !readOnly && path === null;
  const target = useTarget(useId(), t`Value`, takes ? (next) => onChange({ path: next }) : null);
  return (
    <div className={classes.value}>
      <div className={classes.grow} {...target}>
        {path !== null ? (
          <PlacePicker label={t`Value`} place={path} onPick={(next) => onChange({ path: next })} />
        ) : (
          <LiteralInput
            nature={nature}
            many={many}
            value={value && "literal" in value ? value.literal : undefined}
            onChange={(literal) => onChange(literal === undefined ? undefined : { literal })}
          />
        )}
      </div>
      {!readOnly &&
        (path === null ? (
          <Tool label={t`Compare with another field`} act={() => onChange({ path: "" })}>
            <Braces size={13} />
          </Tool>
        ) : (
          <Tool label={t`Compare with a fixed value`} act={() => onChange(undefined)}>
            <PenLine size={13} />
          </Tool>
        ))}
    </div>
  );
}

interface LiteralInputProps {
  nature: Nature;
  many: boolean;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
}

const shown = (value: Json) => (typeof value === "string" ? value : writeJson(value));

/** Reads what was typed as the kind of data that it is compared with. */
function readAs(nature: Nature, typed: string): Json {
  const choice = nature.choices.find((it) => shown(it.value) === typed);
  if (choice) return choice.value;
  if (nature.kind !== "number" && nature.kind !== "unknown") return typed;
  return readNumber(typed, false) ?? typed;
}

function LiteralInput({ nature, many, value, onChange }: LiteralInputProps) {
  const { t } = useLingui();
  const { readOnly } = useScope();
  const [typed, setTyped] = useState<string | null>(null);
  const numeric = nature.kind === "number";
  const fault = useNumberFault(typed ?? (typeof value === "string" ? value : ""), false);
  const label = t`Value`;
  const choices = nature.choices.map((it) => ({ value: shown(it.value), label: it.label }));
  if (many) {
    const chosen = Array.isArray(value) ? value.map(shown) : [];
    const put = (next: string[]) =>
      onChange(next.length > 0 ? next.map((one) => readAs(nature, one)) : undefined);
    return choices.length > 0 ? (
      <MultiSelect
        size="xs"
        aria-label={label}
        data={choices}
        value={chosen}
        readOnly={readOnly}
        onChange={put}
        comboboxProps={{ shadow: "md" }}
      />
    ) : (
      <TagsInput
        size="xs"
        aria-label={label}
        placeholder={chosen.length === 0 ? t`Enter after each` : ""}
        value={chosen}
        readOnly={readOnly}
        acceptValueOnBlur
        splitChars={[",", ";", "\n"]}
        onChange={put}
      />
    );
  }
  if (choices.length > 0) {
    const present = value == null ? "" : shown(value);
    const known = choices.some((it) => it.value === present);
    return (
      <NativeSelect
        size="xs"
        aria-label={label}
        disabled={readOnly}
        value={present}
        onChange={(event) => onChange(readAs(nature, event.currentTarget.value))}
        data={known ? choices : [{ value: present, label: present || t`Choose` }, ...choices]}
      />
    );
  }
  if (typeof value === "boolean") {
    return (
      <NativeSelect
        size="xs"
        aria-label={label}
        disabled={readOnly}
        value={String(value)}
        onChange={(event) => onChange(event.currentTarget.value === "true")}
        data={[
          { value: "true", label: t`yes` },
          { value: "false", label: t`no` },
        ]}
      />
    );
  }
  const text = typed ?? (value === undefined ? "" : shown(value));
  const wrong = numeric ? fault : null;
  return (
    <TextInput
      size="xs"
      aria-label={label}
      type={nature.kind === "date" && !text.includes("T") ? "date" : "text"}
      inputMode={numeric ? "decimal" : "text"}
      autoComplete="off"
      readOnly={readOnly}
      error={wrong}
      value={text}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setTyped(next);
        // Half of what was typed would be another number: there is none until it can be read.
        const none = next === "" || (numeric && readNumber(next, false) === null);
        onChange(none ? undefined : readAs(nature, next));
      }}
      onBlur={() => wrong === null && setTyped(null)}
    />
  );
}

import { SegmentedControl, Select } from "@mantine/core";
import { type Json, writeJson } from "~/api/json.ts";
import { choicesIn } from "~/model/schema.ts";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";

function labelOf(value: Json): string {
  const text = typeof value === "string" ? value : writeJson(value);
  const words = text.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** One of a few fixed values: side by side where they are short, else in a list. */
export function ChoiceControl({
  id,
  title,
  schema,
  required,
  value,
  invalid,
  onChange,
}: ControlProps) {
  const { readOnly } = useScope();
  const choices = choicesIn(schema) ?? [];
  const shown = value ?? schema.default;
  const data = choices.map((choice) => ({ value: writeJson(choice), label: labelOf(choice) }));
  const read = (text: string | null) => choices.find((choice) => writeJson(choice) === text);
  const short = data.length <= 3 && data.every((choice) => choice.label.length <= 12);
  if (short && (required || schema.default != null)) {
    return (
      <SegmentedControl
        id={id}
        aria-label={title}
        size="xs"
        fullWidth
        readOnly={readOnly}
        data={data}
        value={shown == null ? "" : writeJson(shown)}
        onChange={(text) => onChange(read(text))}
      />
    );
  }
  return (
    <Select
      id={id}
      data={data}
      value={shown == null ? null : writeJson(shown)}
      onChange={(text) => onChange(read(text))}
      readOnly={readOnly}
      clearable={!required}
      searchable={data.length > 8}
      error={invalid}
      comboboxProps={{ shadow: "md" }}
    />
  );
}

import { Radio, SegmentedControl, Select, Stack } from "@mantine/core";
import { writeJson } from "~/api/json.ts";
import { choicesIn, labelledChoices } from "~/model/schema.ts";
import classes from "../form.module.css";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";
import { usePlaceholder } from "./placeholder.ts";

const FEW = 4;
const SHORT = 14;
const SIDE_BY_SIDE = 34;

/** One of some fixed values: side by side, below each other, or, if there are many, in a list. */
export function ChoiceControl(props: ControlProps) {
  const { id, title, schema, required, value, invalid, onChange } = props;
  const { readOnly } = useScope();
  const placeholder = usePlaceholder({ examples: schema.examples ?? [] });
  const shown = value ?? schema.default;
  const data = labelledChoices(schema).map((it) => ({ ...it, value: writeJson(it.value) }));
  const read = (text: string | null) =>
    (choicesIn(schema) ?? []).find((choice) => writeJson(choice) === text);
  const settled = required || schema.default != null;
  const known = shown == null || data.some((it) => it.value === writeJson(shown));
  const chosen = shown == null ? null : writeJson(shown);
  if (settled && known && data.length <= FEW) {
    const length = data.reduce((sum, it) => sum + it.label.length, 0);
    const short = length <= SIDE_BY_SIDE && data.every((it) => it.label.length <= SHORT);
    return short ? (
      <SegmentedControl
        id={id}
        aria-label={title}
        size="xs"
        fullWidth
        readOnly={readOnly}
        data={data}
        value={chosen ?? ""}
        onChange={(text) => onChange(read(text))}
      />
    ) : (
      <Radio.Group
        id={id}
        aria-label={title}
        value={chosen}
        readOnly={readOnly}
        onChange={(text) => onChange(read(text))}
      >
        <Stack gap={7} className={classes.radios}>
          {data.map((it) => (
            <Radio key={it.value} size="xs" value={it.value} label={it.label} />
          ))}
        </Stack>
      </Radio.Group>
    );
  }
  return (
    <Select
      id={id}
      aria-label={title}
      placeholder={placeholder}
      data={known || chosen === null ? data : [...data, { value: chosen, label: String(shown) }]}
      value={chosen}
      onChange={(text) => onChange(read(text))}
      readOnly={readOnly}
      clearable={!settled}
      allowDeselect={false}
      searchable={data.length > 8}
      error={invalid}
      comboboxProps={{ shadow: "md" }}
    />
  );
}

import { Checkbox, MultiSelect, Stack } from "@mantine/core";
import { isObject, type Json } from "~/api/json.ts";
import { labelledChoices } from "~/model/schema.ts";
import classes from "../form.module.css";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";

/** Several of some fixed values. */
export function ChoicesControl({ id, title, schema, value, invalid, onChange }: ControlProps) {
  const { readOnly } = useScope();
  const data = labelledChoices(isObject(schema.items) ? schema.items : {}).map((it) => ({
    ...it,
    value: String(it.value),
  }));
  const chosen = Array.isArray(value) ? value.map(String) : [];
  const put = (next: string[]) => onChange(next.length > 0 ? (next as Json) : undefined);
  if (data.length <= 5) {
    return (
      <Checkbox.Group id={id} aria-label={title} value={chosen} readOnly={readOnly} onChange={put}>
        <Stack gap={7} className={classes.radios}>
          {data.map((it) => (
            <Checkbox key={it.value} size="xs" value={it.value} label={it.label} />
          ))}
        </Stack>
      </Checkbox.Group>
    );
  }
  return (
    <MultiSelect
      id={id}
      aria-label={title}
      data={data}
      value={chosen}
      onChange={put}
      readOnly={readOnly}
      searchable
      hidePickedOptions
      error={invalid}
      comboboxProps={{ shadow: "md" }}
    />
  );
}

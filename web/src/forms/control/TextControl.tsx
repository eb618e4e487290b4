import { PasswordInput, Textarea, TextInput } from "@mantine/core";
import { writeJson } from "~/api/json.ts";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";
import { usePlaceholder } from "./placeholder.ts";

/** Text of every length. An emptied field says nothing, unless the text is required. */
export function TextControl({ id, kind, schema, value, invalid, onChange }: ControlProps) {
  const { readOnly } = useScope();
  const placeholder = usePlaceholder(schema);
  const shared = {
    id,
    readOnly,
    placeholder,
    error: invalid,
    value: typeof value === "string" ? value : value == null ? "" : writeJson(value),
    onChange: (event: { currentTarget: { value: string } }) =>
      onChange(event.currentTarget.value === "" ? undefined : event.currentTarget.value),
  };
  if (kind === "secret") return <PasswordInput {...shared} autoComplete="off" />;
  if (kind === "long_text") return <Textarea {...shared} autosize minRows={3} maxRows={14} />;
  return <TextInput {...shared} autoComplete="off" />;
}

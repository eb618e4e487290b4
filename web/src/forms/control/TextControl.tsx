import { PasswordInput, Textarea, TextInput } from "@mantine/core";
import { writeJson } from "~/api/json.ts";
import classes from "../form.module.css";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";

/** Text of every length. An emptied field says nothing, unless the text is required. */
export function TextControl(props: ControlProps) {
  const { id, kind, schema, value, invalid, onChange } = props;
  const { readOnly } = useScope();
  const [example] = Array.isArray(schema.examples) ? schema.examples : [];
  const fallback = schema.default ?? example;
  const shared = {
    id,
    readOnly,
    error: invalid,
    value: typeof value === "string" ? value : value == null ? "" : writeJson(value),
    placeholder: typeof fallback === "string" ? fallback : "",
    onChange: (event: { currentTarget: { value: string } }) =>
      onChange(event.currentTarget.value === "" ? undefined : event.currentTarget.value),
  };
  if (kind === "secret") return <PasswordInput {...shared} autoComplete="off" />;
  if (kind === "long_text" || kind === "code") {
    const mono = kind === "code" ? { className: classes.mono, spellCheck: false } : {};
    return <Textarea {...shared} {...mono} autosize minRows={3} maxRows={14} />;
  }
  const type = schema.format === "date" ? "date" : "text";
  return <TextInput {...shared} type={type} autoComplete="off" />;
}

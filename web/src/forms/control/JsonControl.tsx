import { useLingui } from "@lingui/react/macro";
import { Textarea } from "@mantine/core";
import { useState } from "react";
import { parseJson, writeJson } from "~/api/json.ts";
import classes from "../form.module.css";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";

type JsonProps = Pick<ControlProps, "id" | "value" | "invalid" | "onChange"> & { title?: string };

/** JSON as text, numbers exact. What cannot be read is kept on screen and said, never lost. */
export function JsonControl({ id, title, value, invalid, onChange }: JsonProps) {
  const { t } = useLingui();
  const { readOnly } = useScope();
  const [typed, setTyped] = useState<string | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const type = (text: string) => {
    setTyped(text);
    if (text.trim() === "") {
      setWrong(null);
      return onChange(undefined);
    }
    try {
      const read = parseJson(text);
      setWrong(null);
      onChange(read);
    } catch (error) {
      setWrong(error instanceof Error ? error.message : "");
    }
  };
  return (
    <Textarea
      id={id}
      aria-label={title}
      className={classes.mono}
      autosize
      minRows={3}
      maxRows={16}
      spellCheck={false}
      readOnly={readOnly}
      value={typed ?? (value === undefined ? "" : writeJson(value, 2))}
      error={wrong !== null ? t`This is not JSON yet: ${wrong}` : invalid}
      onChange={(event) => type(event.currentTarget.value)}
      onBlur={() => wrong === null && setTyped(null)}
    />
  );
}

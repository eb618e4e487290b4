import { Trans, useLingui } from "@lingui/react/macro";
import { Button, FileButton } from "@mantine/core";
import { Paperclip } from "lucide-react";
import { useState } from "react";
import { isObject } from "~/api/json.ts";
import { Fields } from "../Fields.tsx";
import classes from "../form.module.css";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";

/** What a flow's document may hold of a file; larger ones come from a step. */
const MOST_KB = 256;

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** A file that is kept in the flow: its name, content and type, by choosing it or field by field. */
export function FileControl({ schema, root, pointer, value, onChange, onChangeAt }: ControlProps) {
  const { t } = useLingui();
  const { readOnly } = useScope();
  const [wrong, setWrong] = useState<string | null>(null);
  const held = isObject(value) ? value : {};
  const take = async (file: File | null) => {
    if (!file) return;
    if (file.size > MOST_KB * 1024) {
      return setWrong(
        t`“${file.name}” is larger than ${MOST_KB} KB. Let an earlier step bring it.`,
      );
    }
    setWrong(null);
    const content = base64(new Uint8Array(await file.arrayBuffer()));
    onChange({ ...held, name: file.name, content, encoding: "base64", type: file.type });
  };
  return (
    <div className={classes.group}>
      {!readOnly && (
        <FileButton onChange={(file) => void take(file)}>
          {(props) => (
            <Button
              {...props}
              size="compact-sm"
              variant="default"
              mb="sm"
              leftSection={<Paperclip size={14} />}
            >
              <Trans>Choose a file</Trans>
            </Button>
          )}
        </FileButton>
      )}
      {wrong && (
        <p className={classes.problem} role="alert">
          {wrong}
        </p>
      )}
      <Fields schema={schema} root={root} pointer={pointer} value={held} onChange={onChangeAt} />
    </div>
  );
}

/** A name, a title or a note, typed where it is read. */
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { takeFocus } from "~/ui/seek.ts";

interface TextDialogProps {
  title: string;
  /** What the field is called, where the title does not say it. */
  label?: string;
  description?: string;
  placeholder?: string;
  value: string;
  longest?: number;
  /** It may have several lines. */
  lines?: boolean;
  onSave: (text: string) => void;
  onClose: () => void;
}

export function TextDialog({
  title,
  value,
  lines,
  longest,
  onSave,
  onClose,
  ...said
}: TextDialogProps) {
  const [text, setText] = useState(value);
  const field = {
    ref: takeFocus,
    "data-autofocus": true,
    "aria-label": said.label ?? title,
    description: said.description,
    placeholder: said.placeholder,
    value: text,
    ...(longest !== undefined && { maxLength: longest }),
  };
  return (
    <Modal opened onClose={onClose} title={title} returnFocus={false}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSave(text);
          onClose();
        }}
      >
        <Stack gap="md">
          {lines ? (
            <Textarea
              {...field}
              autosize
              minRows={3}
              maxRows={14}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          ) : (
            <TextInput {...field} onChange={(event) => setText(event.currentTarget.value)} />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button type="submit">
              <Trans>Save</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** A note's text, or a group's title, typed where it is read. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { longestText, longestTitle, type Note } from "~/model/note.ts";
import { takeFocus } from "~/ui/seek.ts";
import type { Edits } from "./edits.ts";

interface NoteDialogProps {
  note: Note;
  edits: Edits;
  onClose: () => void;
}

export function NoteDialog({ note, edits, onClose }: NoteDialogProps) {
  const { t } = useLingui();
  const group = note.nodes !== null;
  const [text, setText] = useState(group ? note.title : note.text);
  const title = group ? t`Title of the group` : t`Text of the note`;
  return (
    <Modal opened onClose={onClose} title={title} returnFocus={false}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          edits.writeNote(note.id, group ? { title: text.trim() } : { text });
          onClose();
        }}
      >
        <Stack gap="md">
          {group ? (
            <TextInput
              ref={takeFocus}
              data-autofocus
              aria-label={title}
              placeholder={t`Group`}
              maxLength={longestTitle}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          ) : (
            <Textarea
              ref={takeFocus}
              data-autofocus
              aria-label={title}
              placeholder={t`Write here. **Bold**, lists and links work.`}
              maxLength={longestText}
              autosize
              minRows={4}
              maxRows={14}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
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

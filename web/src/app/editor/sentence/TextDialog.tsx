/** A step's name or note, typed where it is read. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import type { FlowNode } from "~/model/flow.ts";
import { takeFocus } from "~/ui/seek.ts";
import { useKnown } from "../data.ts";
import type { Edits } from "./edits.ts";

interface TextDialogProps {
  node: FlowNode;
  field: "label" | "note";
  edits: Edits;
  onClose: () => void;
}

export function TextDialog({ node, field, edits, onClose }: TextDialogProps) {
  const { t } = useLingui();
  const { types } = useKnown();
  const [text, setText] = useState(node[field] ?? "");
  const name = field === "label";
  return (
    <Modal opened onClose={onClose} title={name ? t`Rename` : t`Note`} returnFocus={false}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          edits.setText(node.id, field, text);
          onClose();
        }}
      >
        <Stack gap="md">
          {name ? (
            <TextInput
              ref={takeFocus}
              data-autofocus
              aria-label={t`Name of the node`}
              placeholder={types.get(node.type)?.title ?? node.type}
              maxLength={200}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          ) : (
            <Textarea
              ref={takeFocus}
              data-autofocus
              aria-label={t`Note`}
              description={t`For whoever looks at this flow next.`}
              autosize
              minRows={3}
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

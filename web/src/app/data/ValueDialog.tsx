/** One named value as JSON: a table's row or a variable. Numbers stay as they were typed. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { type Json, parseJson, writeJson } from "~/api/json.ts";
import { useProblemText } from "~/ui/problem.ts";

interface ValueDialogProps {
  title: string;
  /** What the name is called: "Key", "Name". */
  nameLabel: string;
  /** The name of a value that is there already: it stays. */
  name: string | null;
  value: Json | undefined;
  /** Whether a text that is no JSON is taken as a text. */
  plain?: boolean;
  onSave: (name: string, value: Json) => Promise<unknown>;
  onClose: () => void;
}

export function ValueDialog(props: ValueDialogProps) {
  const { title, nameLabel, name, value, plain = false, onSave, onClose } = props;
  const { t } = useLingui();
  const problemText = useProblemText();
  const [typedName, setTypedName] = useState(name ?? "");
  const [typed, setTyped] = useState(value === undefined ? "" : writeJson(value, 2));
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const save = async (event: FormEvent) => {
    event.preventDefault();
    let read: Json;
    try {
      read = parseJson(typed);
    } catch (problem) {
      if (!plain) {
        const wrong = problem instanceof Error ? problem.message : "";
        return setError(t`This is not JSON yet: ${wrong}`);
      }
      read = typed;
    }
    setBusy(true);
    setError(null);
    try {
      await onSave(typedName.trim(), read);
      onClose();
    } catch (problem) {
      setError(problemText(problem));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal opened onClose={onClose} title={title} centered size="lg">
      <form onSubmit={(event) => void save(event)}>
        <Stack gap="md">
          <TextInput
            label={nameLabel}
            required
            readOnly={name !== null}
            value={typedName}
            data-autofocus={name === null || undefined}
            onChange={(event) => setTypedName(event.currentTarget.value)}
          />
          <Textarea
            label={t`Value`}
            description={
              plain
                ? t`A text, a number, true or false, or JSON.`
                : t`The fields of the row as an object in JSON.`
            }
            required
            autosize
            minRows={3}
            maxRows={18}
            spellCheck={false}
            styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
            value={typed}
            data-autofocus={name !== null || undefined}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          {error !== null && (
            <Text size="sm" c="var(--tramo-bad)" role="alert">
              {error}
            </Text>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              <Trans>Keep as it is</Trans>
            </Button>
            <Button type="submit" loading={busy}>
              <Trans>Save</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

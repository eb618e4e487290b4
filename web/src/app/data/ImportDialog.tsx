/** Rows out of a CSV file: all of them are taken in, or none. */
import { Trans, useLingui } from "@lingui/react/macro";
import {
  Button,
  FileInput,
  Group,
  Modal,
  MultiSelect,
  NativeSelect,
  Stack,
  Switch,
  Text,
} from "@mantine/core";
import { FileSpreadsheet } from "lucide-react";
import { useState } from "react";
import { api } from "~/api/client.ts";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import { readNames } from "./csv.ts";

interface ImportDialogProps {
  table: string;
  onDone: () => Promise<unknown>;
  onClose: () => void;
}

export function ImportDialog({ table, onDone, onClose }: ImportDialogProps) {
  const { t } = useLingui();
  const problemText = useProblemText();
  const [csv, setCsv] = useState("");
  const [key, setKey] = useState("");
  const [numbers, setNumbers] = useState<string[]>([]);
  const [replace, setReplace] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const names = readNames(csv);

  const choose = async (file: File | null) => {
    const text = file ? await file.text() : "";
    const [first = ""] = readNames(text);
    setCsv(text);
    setNumbers([]);
    setKey(readNames(text).includes("key") ? "key" : first);
  };
  const takeIn = async () => {
    setBusy(true);
    setError(null);
    try {
      const { rows } = await api.tables.takeIn(table, { csv, key, numbers, replace });
      await onDone();
      say(t`Rows taken in: ${rows}.`);
      onClose();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal opened onClose={onClose} title={t`Take rows in from a CSV file`} centered size="lg">
      <Stack gap="md">
        <FileInput
          label={t`File`}
          description={t`Its first line names the columns.`}
          placeholder={t`Choose a file`}
          accept=".csv,text/csv"
          leftSection={<FileSpreadsheet size={16} />}
          onChange={(file) => void choose(file)}
        />
        {names.length > 0 && (
          <>
            <NativeSelect
              label={t`Column with the key`}
              data={names}
              value={key}
              onChange={(event) => setKey(event.currentTarget.value)}
            />
            <MultiSelect
              label={t`Columns with numbers`}
              description={t`All others are taken as text.`}
              searchable
              data={names.filter((name) => name !== key)}
              value={numbers}
              onChange={setNumbers}
            />
            <Switch
              label={t`Remove rows that are not in the file`}
              checked={replace}
              onChange={(event) => setReplace(event.currentTarget.checked)}
            />
          </>
        )}
        {error !== null && (
          <Text size="sm" c="var(--tramo-bad)" role="alert">
            {problemText(error)}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            <Trans>Keep as it is</Trans>
          </Button>
          <Button
            color={replace ? "red" : "tramo"}
            disabled={names.length === 0}
            loading={busy}
            onClick={() => void takeIn()}
          >
            <Trans>Take them in</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

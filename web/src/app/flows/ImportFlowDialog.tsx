import { Trans, useLingui } from "@lingui/react/macro";
import { Button, FileButton, Group, List, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { type ReactNode, useState } from "react";
import { api } from "~/api/client.ts";
import { isObject, type JsonObject, parseJson } from "~/api/json.ts";
import { isProblem } from "~/api/problem.ts";
import { keys } from "~/api/query.ts";
import { bringsFiles, droppedText } from "~/ui/file.ts";
import { Note } from "~/ui/Note.tsx";
import { useProblemText } from "~/ui/problem.ts";
import { navigate } from "../router.tsx";
import { copyOf } from "./flow.ts";

interface DialogProps {
  opened: boolean;
  onClose: () => void;
}

/** The document in a text, or null where the text is no JSON object. */
function readDocument(text: string): JsonObject | null {
  try {
    const value = parseJson(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Takes a flow from a file or from pasted text. It arrives as a draft and starts nothing. */
export function ImportFlowDialog({ opened, onClose }: DialogProps) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const document = readDocument(text);
  const bring = useMutation({
    mutationFn: (content: JsonObject) => api.flows.create({ document: content }),
    async onSuccess(flow) {
      await queries.invalidateQueries({ queryKey: keys.flows, exact: true });
      setText("");
      onClose();
      navigate(`/flows/${flow.id}`);
    },
  });
  const edit = (value: string) => {
    bring.reset();
    setText(value);
  };

  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={<Trans>Import a flow</Trans>}
      size="lg"
      centered
    >
      <Stack
        gap="md"
        onDragOver={(event) => bringsFiles(event.nativeEvent) && event.preventDefault()}
        onDrop={(event) => {
          if (!bringsFiles(event.nativeEvent)) return;
          event.preventDefault();
          void droppedText(event.nativeEvent).then(edit);
        }}
      >
        <Text size="sm" c="var(--tramo-ink-soft)">
          <Trans>
            It arrives as a draft: nothing runs and nothing is connected until you say so.
          </Trans>
        </Text>
        <FileButton
          accept="application/json,.json"
          onChange={(file) => void file?.text().then(edit)}
          inputProps={{ "aria-label": t`Flow file` }}
        >
          {(props) => (
            <Button variant="default" leftSection={<FileUp size={16} />} {...props}>
              <Trans>Choose a file</Trans>
            </Button>
          )}
        </FileButton>
        <Textarea
          label={t`Or paste the flow here`}
          minRows={6}
          maxRows={14}
          autosize
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }}
          value={text}
          error={
            text.trim() !== "" && document === null
              ? t`This is not a flow. Paste everything, from the first brace to the last.`
              : null
          }
          onChange={(event) => edit(event.currentTarget.value)}
        />
        {bring.error && (
          <Refusal error={bring.error}>
            {isProblem(bring.error, "flow.exists") && document && (
              <Button size="compact-sm" mt="xs" onClick={() => bring.mutate(copyOf(document))}>
                <Trans>Import as a copy</Trans>
              </Button>
            )}
          </Refusal>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button
            disabled={document === null}
            loading={bring.isPending}
            onClick={() => document && bring.mutate(document)}
          >
            <Trans>Import as a draft</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

const SHOWN_PROBLEMS = 8;

function Refusal({ error, children }: { error: unknown; children: ReactNode }) {
  const problemText = useProblemText();
  const problems = isProblem(error) ? error.problems : [];
  return (
    <Note tone="bad" title={problemText(error)}>
      {problems.length > 0 && (
        <List size="sm">
          {problems.slice(0, SHOWN_PROBLEMS).map((problem) => (
            <List.Item key={`${problem.path} ${problem.code}`}>{problem.message}</List.Item>
          ))}
        </List>
      )}
      {children}
    </Note>
  );
}

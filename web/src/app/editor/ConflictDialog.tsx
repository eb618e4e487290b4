/** Two people saved the same draft: one says which of the two goes on. */
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { api } from "~/api/client.ts";
import { Ago } from "~/ui/Moment.tsx";
import { useProblemText } from "~/ui/problem.ts";
import { useSession } from "../session/session.ts";
import { saveNow } from "./save.ts";
import { type Conflict, useEditorStore } from "./store.ts";

export function ConflictDialog({ conflict }: { conflict: Conflict }) {
  const store = useEditorStore();
  const session = useSession();
  const problemText = useProblemText();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const takeTheirs = async () => {
    setBusy(true);
    try {
      const { saved, takeOver } = store.getState();
      takeOver(await api.flows.get(saved.id));
      setError(null);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const keepMine = () => {
    store.getState().insist();
    void saveNow(store);
  };
  return (
    <Modal
      opened
      onClose={() => {}}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      centered
      title={<Trans>This flow was changed elsewhere</Trans>}
    >
      <Stack gap="md">
        <Text size="sm">
          {conflict.by && conflict.by !== session.user.id ? (
            <Trans>Somebody else saved this draft after you had opened it.</Trans>
          ) : (
            <Trans>This draft was saved in another window after you had opened it.</Trans>
          )}{" "}
          {conflict.at && <Ago at={conflict.at} />}
        </Text>
        <Text size="sm">
          <Trans>Nothing has been overwritten. Which of the two goes on?</Trans>
        </Text>
        {error !== null && (
          <Text size="sm" c="var(--tramo-bad)" role="alert">
            {problemText(error)}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={keepMine}>
            <Trans>Mine, over the other</Trans>
          </Button>
          <Button loading={busy} onClick={() => void takeTheirs()} data-autofocus>
            <Trans>The other, without my changes</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

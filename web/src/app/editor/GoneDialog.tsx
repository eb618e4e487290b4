/** The flow was deleted while it was open: what is on the page goes on as a new flow, or is left. */
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { api } from "~/api/client.ts";
import { useProblemText } from "~/ui/problem.ts";
import { copyOf } from "../flows/flow.ts";
import { navigate } from "../router.tsx";
import { useCanEdit } from "../session/session.ts";
import { useEditorStore } from "./store.ts";

export function GoneDialog() {
  const store = useEditorStore();
  const canEdit = useCanEdit();
  const problemText = useProblemText();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const keep = async () => {
    setBusy(true);
    try {
      const { flow } = store.getState().history;
      const { id } = await api.flows.create({ document: copyOf(flow) });
      navigate(`/flows/${id}`);
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={() => {}}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      centered
      title={<Trans>This flow was deleted</Trans>}
    >
      <Stack gap="md">
        <Text size="sm">
          <Trans>It was deleted while it was open here.</Trans>{" "}
          {canEdit && (
            <Trans>What you see is still on this page: it can go on as a new flow.</Trans>
          )}
        </Text>
        {error !== null && (
          <Text size="sm" c="var(--tramo-bad)" role="alert">
            {problemText(error)}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => navigate("/flows")}>
            <Trans>Go to the flows</Trans>
          </Button>
          {canEdit && (
            <Button loading={busy} onClick={() => void keep()} data-autofocus>
              <Trans>Keep it as a new flow</Trans>
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

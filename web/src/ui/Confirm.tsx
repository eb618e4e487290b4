import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useProblemText } from "./problem.ts";

interface ConfirmProps {
  opened: boolean;
  title: ReactNode;
  children: ReactNode;
  /** The words of the button that goes ahead: what happens, never "OK". */
  action: ReactNode;
  dangerous?: boolean;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}

/** Asks before something that cannot be taken back; stays open with the reason if it fails. */
export function Confirm(props: ConfirmProps) {
  const { opened, title, children, action, dangerous = false, onConfirm, onClose } = props;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const problemText = useProblemText();

  const close = () => {
    setError(null);
    onClose();
  };
  const confirm = async () => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      close();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal opened={opened} onClose={close} title={title} centered>
      <Stack gap="md">
        <Text size="sm" component="div">
          {children}
        </Text>
        {error !== null && (
          <Text size="sm" c="var(--tramo-bad)" role="alert">
            {problemText(error)}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close} data-autofocus>
            <Trans>Keep as it is</Trans>
          </Button>
          <Button color={dangerous ? "red" : "tramo"} loading={busy} onClick={confirm}>
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** Something has happened to the flow on the page, and one of two things has to become of it. */
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useProblemText } from "~/ui/problem.ts";

interface MustChooseProps {
  title: ReactNode;
  children: ReactNode;
  other: ReactNode;
  onOther: () => void;
  /** What is meant by Enter, where this person may do it. */
  action: ReactNode | null;
  onAction: () => Promise<unknown>;
}

/** Asks until one is chosen; stays with the reason where that fails. */
export function MustChoose({ title, children, other, action, ...on }: MustChooseProps) {
  const problemText = useProblemText();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const act = async () => {
    setBusy(true);
    try {
      await on.onAction();
      setError(null);
    } catch (problem) {
      setError(problem);
    } finally {
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
      title={title}
    >
      <Stack gap="md">
        {children}
        {error !== null && (
          <Text size="sm" c="var(--tramo-bad)" role="alert">
            {problemText(error)}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={on.onOther}>
            {other}
          </Button>
          {action && (
            <Button loading={busy} onClick={() => void act()} data-autofocus>
              {action}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

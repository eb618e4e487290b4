/** Starts a run by hand, with an event that can be seen and changed first. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, NativeSelect, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { api } from "~/api/client.ts";
import type { Json } from "~/api/json.ts";
import { JsonControl } from "~/forms/control/JsonControl.tsx";
import { isTrigger } from "~/model/port.ts";
import { nodeTitle } from "~/model/variable.ts";
import { useProblemText } from "~/ui/problem.ts";
import { useKnown } from "./data.ts";
import { useAfterSave } from "./save.ts";
import { useFlowDocument } from "./store.ts";

interface RunDialogProps {
  onClose: () => void;
  onStarted: (run: string) => void;
}

export function RunDialog({ onClose, onStarted }: RunDialogProps) {
  const { t } = useLingui();
  const flow = useFlowDocument();
  const { types, samples } = useKnown();
  const problemText = useProblemText();
  const triggers = flow.nodes.filter((node) => isTrigger(types.get(node.type)));
  const [trigger, setTrigger] = useState(triggers[0]?.id ?? "");
  const eventOf = (id: string): Json => {
    const type = types.get(flow.nodes.find((node) => node.id === id)?.type ?? "");
    return samples.get(id) ?? type?.output_example ?? {};
  };
  const [event, setEvent] = useState<Json | undefined>(() => eventOf(trigger));
  const [error, setError] = useState<unknown>(null);
  const [busy, start] = useAfterSave(async () => {
    setError(null);
    try {
      const { run } = await api.flows.run(flow.id, {
        event: event ?? {},
        ...(trigger && { trigger }),
        version: "draft",
      });
      onStarted(run);
    } catch (problem) {
      setError(problem);
    }
  });

  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      centered
      title={<Trans>Run this draft by hand</Trans>}
    >
      {triggers.length === 0 ? (
        <Text size="sm">
          <Trans>
            This flow has no trigger yet. Add one, such as “By hand”: it says what a run starts
            with.
          </Trans>
        </Text>
      ) : (
        <Stack gap="md">
          <Text size="sm" c="var(--tramo-ink-soft)">
            <Trans>
              The nodes really act: messages are sent and orders are changed, on the accounts that
              they are connected to.
            </Trans>
          </Text>
          {triggers.length > 1 && (
            <NativeSelect
              label={t`Start at`}
              value={trigger}
              onChange={(change) => {
                setTrigger(change.currentTarget.value);
                setEvent(eventOf(change.currentTarget.value));
              }}
              data={triggers.map((node) => ({
                value: node.id,
                label: nodeTitle(flow, types, node.id),
              }))}
            />
          )}
          <div>
            <Text component="label" htmlFor="run-event" size="sm" fw={550}>
              <Trans>The event that it starts with</Trans>
            </Text>
            <JsonControl
              key={trigger}
              id="run-event"
              value={event}
              invalid={false}
              onChange={setEvent}
            />
          </div>
          {error !== null && (
            <Text size="sm" c="var(--tramo-bad)" role="alert">
              {problemText(error)}
            </Text>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button loading={busy} onClick={() => void start()} data-autofocus>
              <Trans>Run</Trans>
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

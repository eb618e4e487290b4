/** Starts a run by hand, with an event that can be seen and changed first. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, NativeSelect, Stack, Switch, Text } from "@mantine/core";
import { useState } from "react";
import type { Json } from "~/api/json.ts";
import { JsonControl } from "~/forms/control/JsonControl.tsx";
import { isTrigger } from "~/model/port.ts";
import { nodeTitle } from "~/model/variable.ts";
import { useProblemText } from "~/ui/problem.ts";
import { useKnown } from "./data.ts";
import { useFlowDocument } from "./store.ts";
import { useStarter } from "./trial/start.tsx";

interface RunDialogProps {
  onClose: () => void;
}

export function RunDialog({ onClose }: RunDialogProps) {
  const { t } = useLingui();
  const flow = useFlowDocument();
  const { types, samples, pins } = useKnown();
  const problemText = useProblemText();
  const triggers = flow.nodes.filter((node) => isTrigger(types.get(node.type)));
  const [trigger, setTrigger] = useState(triggers[0]?.id ?? "");
  const eventOf = (id: string): Json => {
    const type = types.get(flow.nodes.find((node) => node.id === id)?.type ?? "");
    return pins.get(id) ?? samples.get(id) ?? type?.output_example ?? {};
  };
  const [event, setEvent] = useState<Json | undefined>(() => eventOf(trigger));
  const [error, setError] = useState<unknown>(null);
  const { busy, start, dialog } = useStarter(setError);
  const [pinned, setPinned] = useState(pins.size > 0);
  const begin = () => {
    setError(null);
    start({
      event: event ?? {},
      ...(trigger && { trigger }),
      version: "draft",
      pins: pinned && pins.size > 0,
    });
  };

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
              The nodes really act, on the accounts that they are connected to. What acts outside is
              shown before it happens.
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
          {pins.size > 0 && (
            <Switch
              label={t`Use pinned data`}
              description={t`Nodes with pinned data do not run; they give what is pinned.`}
              checked={pinned}
              onChange={(change) => setPinned(change.currentTarget.checked)}
            />
          )}
          {error !== null && (
            <Text size="sm" c="var(--tramo-bad)" role="alert">
              {problemText(error)}
            </Text>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button loading={busy} onClick={begin} data-autofocus>
              <Trans>Run</Trans>
            </Button>
          </Group>
          {dialog}
        </Stack>
      )}
    </Modal>
  );
}

/** What a trial would do outside Tramo, shown before it is done, and asked about. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, List, Modal, Stack, Text } from "@mantine/core";
import type { Doings, NewRun, OutsideEffect } from "~/api/trial.ts";

/** A trial that waits for a confirmation. */
export interface Asked {
  content: NewRun;
  doings: Doings;
}

interface OutsideDialogProps {
  asked: Asked | null;
  busy: boolean;
  onStart: (content: NewRun) => void;
  onClose: () => void;
}

export function OutsideDialog({ asked, busy, onStart, onClose }: OutsideDialogProps) {
  const { t } = useLingui();
  return (
    <Modal
      opened={asked !== null}
      onClose={onClose}
      title={<Trans>This acts outside Tramo</Trans>}
      size="lg"
      centered
    >
      {asked && (
        <Stack gap="md">
          <EffectList effects={asked.doings.effects} label={t`What would be done`} />
          {asked.doings.kept.length > 0 && (
            <Text size="sm">
              <Trans>
                Already done and not done a second time: {asked.doings.kept.join(", ")}.
              </Trans>
            </Text>
          )}
          <Text size="sm" c="var(--tramo-ink-soft)">
            <Trans>
              To try without consequences, connect these nodes to practice accounts, or pin data to
              them.
            </Trans>
          </Text>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose} data-autofocus>
              <Trans>Cancel</Trans>
            </Button>
            {asked.doings.effects.some((effect) => effect.done) && (
              <Button
                variant="default"
                loading={busy}
                onClick={() => onStart({ ...asked.content, keep: true })}
              >
                <Trans>Run without repeating anything</Trans>
              </Button>
            )}
            <Button
              color="red"
              loading={busy}
              onClick={() => onStart({ ...asked.content, confirm: asked.doings.confirm })}
            >
              <Plural value={asked.doings.effects.length} one="Yes, do it" other="Yes, do them" />
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

/** What would happen, each with the account or address that it happens at. */
export function EffectList({ effects, label }: { effects: OutsideEffect[]; label: string }) {
  return (
    <List size="sm" spacing="xs" aria-label={label}>
      {effects.map((effect) => (
        <List.Item key={effect.node}>
          <strong>{effect.title}</strong>
          {effect.action !== effect.title && <> · {effect.action}</>}
          {(effect.connection ?? effect.host) && (
            <>
              {" "}
              <Trans>at {effect.connection ?? effect.host}</Trans>
              {effect.account && <> ({effect.account})</>}
            </>
          )}
          {effect.done && (
            <Text component="span" size="sm" c="var(--tramo-bad)">
              {" "}
              <Trans>It was done before: this would be a second time.</Trans>
            </Text>
          )}
        </List.Item>
      ))}
    </List>
  );
}

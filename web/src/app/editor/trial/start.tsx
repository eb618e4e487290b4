/** Starts trials of the draft; what would act outside is shown and confirmed before it happens. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, List, Modal, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api } from "~/api/client.ts";
import { isProblem } from "~/api/problem.ts";
import { keys } from "~/api/query.ts";
import type { Doings, NewRun, OutsideEffect } from "~/api/trial.ts";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import { navigate } from "../../router.tsx";
import { useAfterSave } from "../save.ts";
import { useFlowDocument } from "../store.ts";

interface Asked {
  content: NewRun;
  doings: Doings;
}

/** What a refusal says would be done, if it is one that waits for a confirmation. */
export function doingsIn(error: unknown): Doings | null {
  if (!isProblem(error, "trial.confirm")) return null;
  return error.params as unknown as Doings;
}

export interface Starter {
  busy: boolean;
  start: (content: NewRun) => void;
  /** The dialog that asks, to be drawn somewhere. */
  dialog: ReactNode;
}

/** Saves the draft, starts a trial, and goes to its run; asks first where it acts outside. */
export function useStarter(onRefused?: (error: unknown) => void): Starter {
  const { t } = useLingui();
  const flow = useFlowDocument();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [wanted] = useState<{ content: NewRun }>({ content: {} });
  const [asked, setAsked] = useState<Asked | null>(null);
  const [busy, run] = useAfterSave(async () => {
    const { content } = wanted;
    try {
      const made = await api.flows.run(flow.id, { confirm: "", ...content });
      if (made.run === null) return setAsked({ content, doings: made });
      setAsked(null);
      void queries.invalidateQueries({ queryKey: keys.runs });
      navigate(`/flows/${flow.id}?run=${made.run}`);
    } catch (error) {
      const doings = doingsIn(error);
      if (doings) return setAsked({ content, doings });
      setAsked(null);
      if (onRefused) onRefused(error);
      else say(problemText(error), "problem");
    }
  });
  const start = (content: NewRun) => {
    wanted.content = content;
    void run();
  };
  const dialog = (
    <Modal
      opened={asked !== null}
      onClose={() => setAsked(null)}
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
            <Button variant="default" onClick={() => setAsked(null)}>
              <Trans>Cancel</Trans>
            </Button>
            {asked.doings.effects.some((effect) => effect.done) && (
              <Button
                variant="default"
                loading={busy}
                onClick={() => start({ ...asked.content, keep: true })}
              >
                <Trans>Run without repeating anything</Trans>
              </Button>
            )}
            <Button
              color="red"
              loading={busy}
              onClick={() => start({ ...asked.content, confirm: asked.doings.confirm })}
            >
              <Plural value={asked.doings.effects.length} one="Yes, do it" other="Yes, do them" />
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
  return { busy, start, dialog };
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

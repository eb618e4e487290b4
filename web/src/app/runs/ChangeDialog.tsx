/** Another try with data that somebody changes: the event, or what a step gave. Numbers stay exact. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "~/api/client.ts";
import type { Run } from "~/api/contract.ts";
import type { Json } from "~/api/json.ts";
import { keys } from "~/api/query.ts";
import { JsonControl } from "~/forms/control/JsonControl.tsx";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import { navigate } from "../router.tsx";

interface ChangeDialogProps {
  run: Run;
  /** The step whose output is changed; none: the event. */
  step?: { node: string; iteration: number[]; title: string };
  onClose: () => void;
}

export function ChangeDialog({ run, step, onClose }: ChangeDialogProps) {
  const node = step?.node ?? run.trigger;
  const iteration = step?.iteration ?? [];
  // What the page shows of large data is its beginning only: what is changed is the whole.
  const whole = useQuery({
    queryKey: [...keys.runs, run.id, "output", node, iteration.join(",")],
    queryFn: () => api.runs.output(run.id, node, iteration),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const title = step ? (
    <Trans>Change what “{step.title}” gave</Trans>
  ) : (
    <Trans>Change the event and run again</Trans>
  );
  const problemText = useProblemText();
  return (
    <Modal opened onClose={onClose} size="lg" centered title={title}>
      {whole.data !== undefined ? (
        <ChangeForm run={run} step={step} data={whole.data} onClose={onClose} />
      ) : (
        <Text
          size="sm"
          c={whole.error ? "var(--tramo-bad)" : "var(--tramo-ink-soft)"}
          role="status"
        >
          {whole.error ? problemText(whole.error) : <Trans>The data is being read…</Trans>}
        </Text>
      )}
    </Modal>
  );
}

interface ChangeFormProps extends ChangeDialogProps {
  data: Json;
}

function ChangeForm({ run, step, data, onClose }: ChangeFormProps) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [changed, setChanged] = useState<Json | undefined>(data);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const start = async () => {
    if (changed === undefined) return;
    setBusy(true);
    setError(null);
    const changes = step
      ? { steps: [{ node: step.node, iteration: step.iteration, output: changed }] }
      : { event: changed };
    try {
      const next = await api.runs.rerun(run.id, { from: "failed", changes });
      void queries.invalidateQueries({ queryKey: keys.runs });
      say(t`Another try has begun.`);
      navigate(`/runs/${next.id}`);
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Stack gap="md">
      <Text size="sm" c="var(--tramo-ink-soft)">
        {step ? (
          <Trans>
            What follows from it is worked out anew. What was sent or changed already is not done a
            second time.
          </Trans>
        ) : (
          <Trans>
            Everything is worked out anew from it. What was sent or changed already is not done a
            second time.
          </Trans>
        )}
      </Text>
      <JsonControl
        id="changed-data"
        title={t`Data`}
        value={changed}
        invalid={false}
        onChange={setChanged}
      />
      {error !== null && (
        <Text size="sm" c="var(--tramo-bad)" role="alert">
          {problemText(error)}
        </Text>
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          <Trans>Cancel</Trans>
        </Button>
        <Button loading={busy} disabled={changed === undefined} onClick={() => void start()}>
          <Trans>Run again with it</Trans>
        </Button>
      </Group>
    </Stack>
  );
}

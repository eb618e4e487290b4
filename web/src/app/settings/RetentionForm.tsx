/** How long what is kept: for the workspace, or for one flow where it wants it otherwise. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "~/api/client.ts";
import type { JsonSchema, RetentionChoice } from "~/api/contract.ts";
import type { Json, JsonObject } from "~/api/json.ts";
import { keys } from "~/api/query.ts";
import { SchemaForm } from "~/forms/SchemaForm.tsx";
import { bareScope } from "~/forms/scope.ts";
import { writeAt } from "~/model/pointer.ts";
import { Failure, LoadingRows } from "~/ui/Notice.tsx";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import { useIsOwner } from "../session/session.ts";

/** Without a flow, the workspace's own rule. */
export function RetentionForm({ flow }: { flow?: string }) {
  const retention = useQuery({ queryKey: keys.retention, queryFn: () => api.retention.get() });
  if (retention.isPending) return <LoadingRows rows={3} height={52} />;
  if (retention.error) {
    return <Failure error={retention.error} onRetry={() => void retention.refetch()} />;
  }
  const own = flow ? retention.data.flows.find((it) => it.flow_id === flow) : undefined;
  const chosen = flow ? own?.chosen : retention.data.chosen;
  return (
    <RetentionFields
      key={JSON.stringify(chosen ?? {})}
      {...(flow && { flow })}
      chosen={chosen ?? {}}
      holds={retention.data.holds}
    />
  );
}

interface RetentionFieldsProps {
  flow?: string;
  chosen: RetentionChoice;
  holds: RetentionChoice;
}

function RetentionFields({ flow, chosen, holds }: RetentionFieldsProps) {
  const { t } = useLingui();
  const mayChange = useIsOwner();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const said = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== null));
  const [value, setValue] = useState<Json>(said as JsonObject);
  const changed = JSON.stringify(value) !== JSON.stringify(said);
  const save = useMutation({
    mutationFn: () => api.retention.put(value as RetentionChoice, flow),
    async onSuccess(answer) {
      queries.setQueryData(keys.retention, answer);
      say(t`Saved.`);
    },
  });
  const schema = useRetentionSchema(holds, flow !== undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} noValidate>
      <SchemaForm
        schema={schema}
        value={value}
        scope={{ ...bareScope, readOnly: !mayChange }}
        onChange={(pointer, next) => setValue(writeAt(value, pointer, next) ?? {})}
      />
      {save.error && (
        <Text size="sm" c="var(--tramo-bad)" role="alert" mt="sm">
          {problemText(save.error)}
        </Text>
      )}
      {mayChange ? (
        <Group mt="md">
          <Button
            type="submit"
            variant={flow ? "default" : "filled"}
            disabled={!changed}
            loading={save.isPending}
          >
            <Trans>Save</Trans>
          </Button>
        </Group>
      ) : (
        <Text size="sm" c="var(--tramo-ink-soft)" mt="sm">
          <Trans>Only owners may change this.</Trans>
        </Text>
      )}
    </form>
  );
}

function useRetentionSchema(holds: RetentionChoice, ofFlow: boolean): JsonSchema {
  const { t } = useLingui();
  const days = (title: string, description: string, usual: number | null | undefined) => ({
    type: "integer",
    minimum: 1,
    maximum: 36_500,
    title,
    description,
    ...(usual != null && { default: usual }),
  });
  const workspace = {
    event_days: days(
      t`Days for deliveries`,
      t`What came in from outside, as it came.`,
      holds.event_days,
    ),
    act_days: days(
      t`Days for what people did`,
      t`Answers, retries and changes, with names: the trail for a later look.`,
      holds.act_days,
    ),
  };
  return {
    type: "object",
    properties: {
      success_days: days(
        t`Days for runs that succeeded`,
        t`After that, the run and its data are removed.`,
        holds.success_days,
      ),
      failure_days: days(
        t`Days for runs that failed`,
        t`Mostly longer, so that there is time to look.`,
        holds.failure_days,
      ),
      ...(ofFlow ? {} : workspace),
      metadata_only: {
        type: "boolean",
        title: t`Keep no data of runs`,
        description: t`When a run has ended, what went through it is removed; only what happened when stays.`,
        default: holds.metadata_only === true,
      },
    },
  };
}

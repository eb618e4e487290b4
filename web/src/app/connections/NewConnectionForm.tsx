import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Radio, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useMemo, useRef, useState } from "react";
import { api } from "~/api/client.ts";
import type { Connection, ConnectionTest, Connector, Target } from "~/api/contract.ts";
import { keys } from "~/api/query.ts";
import { useFocusWithin } from "~/ui/focus.ts";
import { useProblemText } from "~/ui/problem.ts";
import { CredentialFields } from "./CredentialFields.tsx";
import classes from "./connections.module.css";
import { credentialFields, credentialOf, initialValues, missingFields } from "./credential.ts";
import { TestResult } from "./TestResult.tsx";

interface NewConnectionFormProps {
  connector: Connector;
  onCreated: (connection: Connection) => void;
  onClose: () => void;
}

/** Saves, then tests for real; a refused account stays saved, so that it can be mended. */
export function NewConnectionForm({ connector, onCreated, onClose }: NewConnectionFormProps) {
  const { t } = useLingui();
  const problemText = useProblemText();
  const queries = useQueryClient();
  const fields = useMemo(
    () => (connector.credential_schema ? credentialFields(connector.credential_schema) : []),
    [connector],
  );
  const [name, setName] = useState(connector.title);
  const [target, setTarget] = useState<Target>(connector.twin ? "twin" : "live");
  const [values, setValues] = useState(() => initialValues(fields));
  const [missing, setMissing] = useState<string[]>([]);
  const form = useRef<HTMLFormElement>(null);
  useFocusWithin(form);

  const create = useMutation({
    async mutationFn() {
      const connection = await api.connections.create({
        connector: connector.id,
        name: name.trim(),
        target,
        credential: target === "twin" ? {} : credentialOf(fields, values),
      });
      const test = await api.connections.test(connection.id).catch((error: unknown) => ({
        ok: false,
        account: null,
        code: null,
        message: problemText(error),
      }));
      await queries.invalidateQueries({ queryKey: keys.connections });
      return { connection, test };
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const empty = target === "live" ? missingFields(fields, values) : [];
    setMissing(empty);
    if (empty.length === 0 && name.trim() !== "") create.mutate();
  };

  if (create.data) {
    const { connection, test } = create.data;
    const goOn = () => {
      onClose();
      onCreated(connection);
    };
    return <Connected test={test} onGoOn={goOn} />;
  }
  return (
    <form ref={form} onSubmit={submit} noValidate>
      <Stack gap="md">
        {connector.twin && (
          <TargetChoice title={connector.title} target={target} onChange={setTarget} />
        )}
        <TextInput
          label={t`Name`}
          description={t`How you will find it in your flows.`}
          required
          maxLength={100}
          data-autofocus={!connector.twin || undefined}
          value={name}
          error={name.trim() === "" ? t`Fill this in to go on.` : null}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {target === "live" && (
          <>
            <CredentialFields
              fields={fields}
              values={values}
              missing={missing}
              onChange={setValues}
            />
            {connector.docs_url && (
              <Text size="sm">
                <a
                  className={classes.link}
                  href={connector.docs_url}
                  target="_blank"
                  rel="noreferrer"
                >
                  <Trans>Where do I find these?</Trans>
                </a>
              </Text>
            )}
          </>
        )}
        {create.error && (
          <Text size="sm" c="var(--tramo-bad)" role="alert">
            {problemText(create.error)}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" loading={create.isPending}>
            <Trans>Connect and test</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Connected({ test, onGoOn }: { test: ConnectionTest; onGoOn: () => void }) {
  const result = useRef<HTMLDivElement>(null);
  useFocusWithin(result);
  return (
    <Stack ref={result} gap="md">
      <TestResult test={test} />
      <Group justify="flex-end" gap="xs">
        <Button onClick={onGoOn} data-autofocus>
          {test.ok ? <Trans>Use this connection</Trans> : <Trans>Open and correct it</Trans>}
        </Button>
      </Group>
    </Stack>
  );
}

interface TargetChoiceProps {
  title: string;
  target: Target;
  onChange: (target: Target) => void;
}

function TargetChoice({ title, target, onChange }: TargetChoiceProps) {
  const { t } = useLingui();
  return (
    <Radio.Group
      aria-label={t`Twin or real account`}
      value={target}
      onChange={(value) => onChange(value as Target)}
    >
      <div className={classes.targets}>
        <Radio.Card className={classes.target} value="twin" data-autofocus>
          <Radio.Indicator />
          <span className={classes.body}>
            <span className={classes.title}>
              <Trans>Try it without a password</Trans>
            </span>
            <span className={classes.soft}>
              <Trans>A twin of {title} inside Tramo. It reaches nobody.</Trans>
            </span>
          </span>
        </Radio.Card>
        <Radio.Card className={classes.target} value="live">
          <Radio.Indicator />
          <span className={classes.body}>
            <span className={classes.title}>
              <Trans>Use my account</Trans>
            </span>
            <span className={classes.soft}>
              <Trans>Your real {title}. What flows do there is real.</Trans>
            </span>
          </span>
        </Radio.Card>
      </div>
    </Radio.Group>
  );
}

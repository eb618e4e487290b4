import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useMemo, useState } from "react";
import { api } from "~/api/client.ts";
import type { Connection, Connector } from "~/api/contract.ts";
import { keys } from "~/api/query.ts";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import { CredentialFields } from "./CredentialFields.tsx";
import classes from "./connections.module.css";
import { credentialFields, credentialOf, initialValues, missingFields } from "./credential.ts";

interface ConnectionSettingsProps {
  connection: Connection;
  connector: Connector;
  onSaved: () => void;
}

/** Name and credential. A stored secret shows as set, and can only be replaced. */
export function ConnectionSettings({ connection, connector, onSaved }: ConnectionSettingsProps) {
  const { t } = useLingui();
  const problemText = useProblemText();
  const queries = useQueryClient();
  const fields = useMemo(
    () =>
      connection.target === "live" && connector.credential_schema
        ? credentialFields(connector.credential_schema)
        : [],
    [connection.target, connector],
  );
  const [name, setName] = useState(connection.name);
  const [values, setValues] = useState(() => initialValues(fields, connection.public));
  const [missing, setMissing] = useState<string[]>([]);
  const save = useMutation({
    mutationFn: () =>
      api.connections.update(connection.id, {
        name: name.trim(),
        ...(fields.length > 0 && { credential: credentialOf(fields, values) }),
      }),
    async onSuccess(saved) {
      await queries.invalidateQueries({ queryKey: keys.connections });
      setValues(initialValues(fields, saved?.public ?? connection.public));
      say(t`Saved.`);
      onSaved();
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const empty = missingFields(fields, values, connection.secret_fields);
    setMissing(empty);
    if (empty.length === 0 && name.trim() !== "") save.mutate();
  };

  return (
    <section className={classes.panel}>
      <h2 className={classes.label}>
        <Trans>Settings</Trans>
      </h2>
      <form onSubmit={submit} noValidate>
        <Stack gap="md" maw={520}>
          <TextInput
            label={t`Name`}
            required
            maxLength={100}
            value={name}
            error={name.trim() === "" ? t`Fill this in to go on.` : null}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <CredentialFields
            fields={fields}
            values={values}
            storedSecrets={connection.secret_fields}
            missing={missing}
            onChange={setValues}
          />
          {save.error && (
            <Text size="sm" c="var(--tramo-bad)" role="alert">
              {problemText(save.error)}
            </Text>
          )}
          <Group>
            <Button type="submit" loading={save.isPending}>
              {fields.length > 0 ? <Trans>Save and test</Trans> : <Trans>Save</Trans>}
            </Button>
          </Group>
        </Stack>
      </form>
    </section>
  );
}

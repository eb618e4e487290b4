import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "~/api/client.ts";
import type { Role, Token } from "~/api/contract.ts";
import { keys, useTokens } from "~/api/query.ts";
import { Confirm } from "~/ui/Confirm.tsx";
import { CopyText } from "~/ui/CopyText.tsx";
import { Ago } from "~/ui/Moment.tsx";
import { Failure, LoadingRows } from "~/ui/Notice.tsx";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import classes from "./people.module.css";
import { roleLabels } from "./role.ts";

/** Tokens let a program use the API in the workspace's name. */
export function TokenSection() {
  const tokens = useTokens();
  const [opened, setOpened] = useState(false);
  return (
    <section className={classes.section}>
      <div className={classes.heading}>
        <div>
          <h2>
            <Trans>API tokens</Trans>
          </h2>
          <p className={classes.soft}>
            <Trans>For programs and scripts that talk to Tramo. People do not need one.</Trans>
          </p>
        </div>
        <Button variant="default" leftSection={<Plus size={16} />} onClick={() => setOpened(true)}>
          <Trans>New token</Trans>
        </Button>
      </div>
      {tokens.isPending && <LoadingRows rows={1} />}
      {tokens.error && !tokens.items && (
        <Failure error={tokens.error} onRetry={() => void tokens.refetch()} />
      )}
      {tokens.items?.length === 0 && (
        <p className={classes.none}>
          <Trans>There is no token yet.</Trans>
        </p>
      )}
      {tokens.items && tokens.items.length > 0 && (
        <ul className={classes.list}>
          {tokens.items.map((token) => (
            <TokenRow key={token.id} token={token} />
          ))}
        </ul>
      )}
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={<Trans>New token</Trans>}
        centered
      >
        <TokenForm onClose={() => setOpened(false)} />
      </Modal>
    </section>
  );
}

function TokenRow({ token }: { token: Token }) {
  const { t, i18n } = useLingui();
  const queries = useQueryClient();
  const [asked, setAsked] = useState(false);
  const remove = async () => {
    await api.tokens.remove(token.id);
    await queries.invalidateQueries({ queryKey: keys.tokens });
    say(t`The token “${token.name}” no longer works.`);
  };
  return (
    <li className={classes.row}>
      <span className={classes.emblem} aria-hidden>
        <KeyRound size={18} />
      </span>
      <div className={classes.body}>
        <span className={classes.name}>{token.name}</span>
        <span className={classes.soft}>
          {token.last_used_at ? (
            <Trans>
              Last used <Ago at={token.last_used_at} />
            </Trans>
          ) : (
            <Trans>Not used yet</Trans>
          )}
        </span>
      </div>
      <div className={classes.role}>{i18n._(roleLabels[token.role])}</div>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={t`Revoke the token “${token.name}”`}
        onClick={() => setAsked(true)}
      >
        <Trash2 size={17} />
      </ActionIcon>
      <Confirm
        opened={asked}
        onClose={() => setAsked(false)}
        onConfirm={remove}
        dangerous
        title={<Trans>Revoke “{token.name}”?</Trans>}
        action={<Trans>Revoke the token</Trans>}
      >
        <Trans>Programs that use it are refused from now on. This cannot be undone.</Trans>
      </Confirm>
    </li>
  );
}

function TokenForm({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useLingui();
  const problemText = useProblemText();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("editor");
  const create = useMutation({
    mutationFn: () => api.tokens.create(name.trim(), role),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.tokens }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };

  if (create.data) {
    return (
      <Stack gap="sm" role="status">
        <Text size="sm">
          <Trans>Copy the token now: it is shown this once and never again.</Trans>
        </Text>
        <CopyText text={create.data.token} label={t`Copy the token`} />
        <Group justify="flex-end">
          <Button onClick={onClose}>
            <Trans>I have copied it</Trans>
          </Button>
        </Group>
      </Stack>
    );
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label={t`Name`}
          description={t`What will use it, so that you know later which one to revoke.`}
          required
          withAsterisk={false}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label={t`What it may do`}
          allowDeselect={false}
          data={(["viewer", "editor", "owner"] as const).map((value) => ({
            value,
            label: i18n._(roleLabels[value]),
          }))}
          value={role}
          onChange={(value) => value && setRole(value as Role)}
        />
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
            <Trans>Create the token</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, Radio, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "~/api/client.ts";
import type { Invitation, Role } from "~/api/contract.ts";
import { CopyText } from "~/ui/CopyText.tsx";
import { useFormat } from "~/ui/format.ts";
import { useProblemText } from "~/ui/problem.ts";
import { roleLabels, roleMeanings } from "./role.ts";

const invitable: Role[] = ["editor", "viewer", "owner"];

/** Makes a one-time link that the owner sends to the person by whatever way they like. */
export function InviteButton() {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button leftSection={<UserPlus size={17} />} onClick={() => setOpened(true)}>
        <Trans>Invite somebody</Trans>
      </Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={<Trans>Invite somebody</Trans>}
        centered
      >
        <InviteForm onClose={() => setOpened(false)} />
      </Modal>
    </>
  );
}

function InviteForm({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useLingui();
  const problemText = useProblemText();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("editor");
  const invite = useMutation({ mutationFn: () => api.invitations.create(email.trim(), role) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate();
  };

  if (invite.data) return <InvitationLink invitation={invite.data} email={email.trim()} />;
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label={t`E-mail`}
          type="email"
          required
          withAsterisk={false}
          data-autofocus
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <Radio.Group
          label={t`What they may do`}
          value={role}
          onChange={(value) => setRole(value as Role)}
        >
          <Stack gap="sm" mt="xs">
            {invitable.map((name) => (
              <Radio
                key={name}
                value={name}
                label={i18n._(roleLabels[name])}
                description={i18n._(roleMeanings[name])}
              />
            ))}
          </Stack>
        </Radio.Group>
        {invite.error && (
          <Text size="sm" c="var(--tramo-bad)" role="alert">
            {problemText(invite.error)}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" loading={invite.isPending}>
            <Trans>Make the link</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function InvitationLink({ invitation, email }: { invitation: Invitation; email: string }) {
  const { t } = useLingui();
  const format = useFormat();
  return (
    <Stack gap="sm" role="status">
      <Text size="sm">
        <Trans>
          Send this link to {email}. It works once, until {format.moment(invitation.expires_at)}.
          Whoever opens it gets the account, so send it to nobody else.
        </Trans>
      </Text>
      <CopyText text={invitation.url} label={t`Copy the link`} />
    </Stack>
  );
}

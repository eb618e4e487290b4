import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "~/api/client.ts";
import { keys } from "~/api/query.ts";
import { useProblemText } from "~/ui/problem.ts";
import { navigate } from "../router.tsx";

interface DialogProps {
  opened: boolean;
  onClose: () => void;
}

/** Asks for a name and opens the new flow. */
export function CreateFlowDialog({ opened, onClose }: DialogProps) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [name, setName] = useState("");
  const create = useMutation({
    mutationFn: () => api.flows.create({ name: name.trim() }),
    async onSuccess(flow) {
      await queries.invalidateQueries({ queryKey: keys.flows, exact: true });
      onClose();
      navigate(`/flows/${flow.id}`);
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };

  return (
    <Modal opened={opened} onClose={onClose} title={<Trans>New flow</Trans>} centered>
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label={t`Name`}
            description={t`Say what it does. You can change it later.`}
            placeholder={t`Tell the team about large orders`}
            required
            withAsterisk={false}
            maxLength={200}
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
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
            <Button type="submit" loading={create.isPending} disabled={name.trim() === ""}>
              <Trans>Create and open</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

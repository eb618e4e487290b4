/** After publishing: where the outside world reaches the flow. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import type { Address } from "~/api/contract.ts";
import { nodeTitle } from "~/model/variable.ts";
import { CopyText } from "~/ui/CopyText.tsx";
import { useKnown } from "./data.ts";
import { useFlowDocument } from "./store.ts";

interface AddressDialogProps {
  addresses: Address[];
  /** Whether it was published this moment. */
  fresh: boolean;
  onClose: () => void;
}

export function AddressDialog({ addresses, fresh, onClose }: AddressDialogProps) {
  const { t } = useLingui();
  const flow = useFlowDocument();
  const { types } = useKnown();
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      centered
      title={fresh ? <Trans>The flow is live</Trans> : <Trans>Addresses of this flow</Trans>}
    >
      <Stack gap="lg">
        {fresh && (
          <Text size="sm">
            <Trans>From now on every matching event starts a run of this version.</Trans>
          </Text>
        )}
        {addresses.map((address) => (
          <Stack key={address.node} gap={6}>
            <Text fw={600} size="sm">
              {nodeTitle(flow, types, address.node)}
            </Text>
            <CopyText text={address.url} label={t`Copy the address`} />
            <Text size="xs" c="var(--tramo-ink-soft)">
              <Trans>For trying it out, on the draft:</Trans>
            </Text>
            <CopyText text={address.test_url} label={t`Copy the address for trying out`} />
          </Stack>
        ))}
        <Group justify="flex-end">
          <Button onClick={onClose} data-autofocus>
            <Trans>Done</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** Data to be pinned to a node, typed or pasted: every number stays exactly as it is written. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, NativeSelect, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { api } from "~/api/client.ts";
import type { Json } from "~/api/json.ts";
import { JsonControl } from "~/forms/control/JsonControl.tsx";
import type { FlowNode } from "~/model/flow.ts";
import { outputPorts } from "~/model/port.ts";
import { nodeTitle } from "~/model/variable.ts";
import { usePortTitle } from "~/runs/way.ts";
import { useKnown } from "../data.ts";
import { useFlowDocument } from "../store.ts";

interface PinDialogProps {
  node: FlowNode;
  onClose: () => void;
  /** Carries the change out, and says what stood in its way. */
  onPin: (act: () => Promise<unknown>) => Promise<void>;
}

export function PinDialog({ node, onClose, onPin }: PinDialogProps) {
  const { t } = useLingui();
  const flow = useFlowDocument();
  const { types, pinned, samples } = useKnown();
  const portTitle = usePortTitle();
  const type = types.get(node.type);
  const pin = pinned.get(node.id);
  const ports = outputPorts(node, type);
  const [data, setData] = useState<Json | undefined>(
    () => pin?.output ?? samples.get(node.id) ?? type?.output_example ?? {},
  );
  const [port, setPort] = useState(pin?.port ?? ports[0]?.name ?? "out");
  const title = nodeTitle(flow, types, node.id);
  const save = async () => {
    if (data === undefined) return;
    onClose();
    await onPin(() => api.flows.pin(flow.id, node.id, { output: data, port }));
  };
  return (
    <Modal opened onClose={onClose} size="lg" centered title={<Trans>Pin data to “{title}”</Trans>}>
      <Stack gap="md">
        <Text size="sm" c="var(--tramo-ink-soft)">
          <Trans>
            When you run the draft by hand, the node does not run: it gives this instead. Published
            versions never use it.
          </Trans>
        </Text>
        <JsonControl
          id="pinned-data"
          title={t`Data that it gives`}
          value={data}
          invalid={false}
          onChange={setData}
        />
        {ports.length > 1 && (
          <NativeSelect
            label={t`Which way the run goes on`}
            value={port}
            onChange={(event) => setPort(event.currentTarget.value)}
            data={ports.map((it) => ({ value: it.name, label: portTitle(it) }))}
          />
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button onClick={() => void save()} disabled={data === undefined}>
            <Trans>Pin it</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

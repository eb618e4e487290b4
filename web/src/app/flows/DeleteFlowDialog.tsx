import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { api } from "~/api/client.ts";
import type { FlowSummary } from "~/api/contract.ts";
import { keys } from "~/api/query.ts";
import { Confirm } from "~/ui/Confirm.tsx";
import { say } from "~/ui/toast.tsx";

interface DeleteFlowDialogProps {
  flow: FlowSummary;
  opened: boolean;
  onClose: () => void;
}

export function DeleteFlowDialog({ flow, opened, onClose }: DeleteFlowDialogProps) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const remove = async () => {
    await api.flows.remove(flow.id);
    await queries.invalidateQueries({ queryKey: keys.flows });
    say(t`“${flow.name}” is deleted.`);
  };
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      onConfirm={remove}
      dangerous
      title={<Trans>Delete “{flow.name}”?</Trans>}
      action={<Trans>Delete the flow</Trans>}
    >
      {flow.state === "active" ? (
        <Trans>
          It is active: from now on its events start nothing, and its addresses stop answering. This
          cannot be undone. To keep a copy, export it first.
        </Trans>
      ) : (
        <Trans>This cannot be undone. To keep a copy, export it first.</Trans>
      )}
    </Confirm>
  );
}

import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { api } from "~/api/client.ts";
import type { FlowSummary, RunState } from "~/api/contract.ts";
import { keys, useRunCounts } from "~/api/query.ts";
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
      {opened && <UnderWay flow={flow.id} />}
    </Confirm>
  );
}

const unended: RunState[] = ["queued", "running", "waiting", "asking"];

/** A run keeps its version of the flow: what waits still acts when the flow is gone. */
function UnderWay({ flow }: { flow: string }) {
  const counts = useRunCounts({ flow, state: unended }).data?.counts ?? {};
  const count = unended.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  if (count === 0) return null;
  return (
    <p role="status">
      <Plural
        value={count}
        one="# run of it is not over, and goes on to its end all the same. To prevent that, stop it first under Runs."
        other="# runs of it are not over, and go on to their end all the same. To prevent that, stop them first under Runs."
      />
    </p>
  );
}

/** The flow was deleted while it was open: what is on the page goes on as a new flow, or is left. */
import { Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { api } from "~/api/client.ts";
import { copyOf } from "../flows/flow.ts";
import { navigate } from "../router.tsx";
import { useCanEdit } from "../session/session.ts";
import { MustChoose } from "./MustChoose.tsx";
import { useEditorStore } from "./store.ts";

export function GoneDialog() {
  const store = useEditorStore();
  const canEdit = useCanEdit();
  const keep = async () => {
    const { flow } = store.getState().history;
    const { id } = await api.flows.create({ document: copyOf(flow) });
    navigate(`/flows/${id}`);
  };
  return (
    <MustChoose
      title={<Trans>This flow was deleted</Trans>}
      other={<Trans>Go to the flows</Trans>}
      onOther={() => navigate("/flows")}
      action={canEdit ? <Trans>Keep it as a new flow</Trans> : null}
      onAction={keep}
    >
      <Text size="sm">
        <Trans>It was deleted while it was open here.</Trans>{" "}
        {canEdit && <Trans>What you see is still on this page: it can go on as a new flow.</Trans>}
      </Text>
    </MustChoose>
  );
}

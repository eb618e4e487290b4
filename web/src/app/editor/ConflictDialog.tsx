/** Two people saved the same draft: one says which of the two goes on. */
import { Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { api } from "~/api/client.ts";
import { Ago } from "~/ui/Moment.tsx";
import { useSession } from "../session/session.ts";
import { MustChoose } from "./MustChoose.tsx";
import { saveNow } from "./save.ts";
import { type Conflict, useEditorStore } from "./store.ts";

export function ConflictDialog({ conflict }: { conflict: Conflict }) {
  const store = useEditorStore();
  const session = useSession();
  const takeTheirs = async () => {
    const { saved, takeOver } = store.getState();
    takeOver(await api.flows.get(saved.id));
  };
  const keepMine = () => {
    store.getState().insist();
    void saveNow(store);
  };
  return (
    <MustChoose
      title={<Trans>This flow was changed elsewhere</Trans>}
      other={<Trans>Mine, over the other</Trans>}
      onOther={keepMine}
      action={<Trans>The other, without my changes</Trans>}
      onAction={takeTheirs}
    >
      <Text size="sm">
        {conflict.by && conflict.by !== session.user.id ? (
          <Trans>Somebody else saved this draft after you had opened it.</Trans>
        ) : (
          <Trans>This draft was saved in another window after you had opened it.</Trans>
        )}{" "}
        {conflict.at && <Ago at={conflict.at} />}
      </Text>
      <Text size="sm">
        <Trans>Nothing has been overwritten. Which of the two goes on?</Trans>
      </Text>
    </MustChoose>
  );
}

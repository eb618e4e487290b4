/** Says who edits where it is not oneself, and what became of work that was not saved. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group } from "@mantine/core";
import { Eye, FileClock } from "lucide-react";
import { Suspense, useState } from "react";
import { api } from "~/api/client.ts";
import type { Json } from "~/api/json.ts";
import { commandOf } from "~/model/command.ts";
import { later } from "~/ui/later.ts";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import { navigate } from "../../router.tsx";
import { useCanEdit, useSession } from "../../session/session.ts";
import { useEditorStore } from "../store.ts";
import classes from "./presence.module.css";
import { usePresence } from "./presence.ts";

const CompareDialog = later(async () => ({
  default: (await import("../version/CompareDialog.tsx")).CompareDialog,
}));

export function PresenceBanner() {
  const { editor, mayEdit, takenBy, kept } = usePresence();
  const canEdit = useCanEdit();
  if (!canEdit) return null;
  return (
    <>
      {editor && !mayEdit && <Reading />}
      {kept && <Kept by={takenBy} />}
    </>
  );
}

function Reading() {
  const { editor, takenBy, take } = usePresence();
  const session = useSession();
  const problemText = useProblemText();
  const [busy, setBusy] = useState(false);
  const name = editor?.name ?? "";
  const own = editor?.user === session.user.id;
  const act = async () => {
    setBusy(true);
    try {
      await take();
    } catch (error) {
      say(problemText(error), "problem");
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={classes.banner} role="status">
      <Eye size={16} aria-hidden />
      <span className={classes.words}>
        {own ? (
          <Trans>You are editing this flow in another tab.</Trans>
        ) : takenBy ? (
          <Trans>{name} has taken over and is editing now. You see what is saved.</Trans>
        ) : (
          <Trans>{name} is editing. You can look around; you see what is saved.</Trans>
        )}
      </span>
      <Button size="compact-xs" variant="default" loading={busy} onClick={() => void act()}>
        {own ? <Trans>Edit here</Trans> : <Trans>Take over</Trans>}
      </Button>
    </div>
  );
}

/** The copy of unsaved work: looked at, put back, or made a flow of its own. */
function Kept({ by }: { by: string | null }) {
  const { t } = useLingui();
  const { kept, mayEdit, forget } = usePresence();
  const store = useEditorStore();
  const problemText = useProblemText();
  const [compared, setCompared] = useState(false);
  if (!kept) return null;
  const putBack = () => {
    const { history, perform } = store.getState();
    const change = {
      path: [],
      before: history.flow as unknown as Json,
      after: kept as unknown as Json,
    };
    perform(commandOf("flow.restore", [change]));
    forget();
  };
  const saveApart = async () => {
    try {
      const { id: _, ...rest } = kept;
      const made = await api.flows.create({ name: t`${kept.name} (my copy)` });
      const document = { ...rest, id: made.id, name: t`${kept.name} (my copy)` };
      await api.flows.saveDraft(made.id, document, made.etag);
      forget();
      navigate(`/flows/${made.id}`);
    } catch (error) {
      say(problemText(error), "problem");
    }
  };
  return (
    <div className={classes.banner} data-tone="kept" role="status">
      <FileClock size={16} aria-hidden />
      <span className={classes.words}>
        {by ? (
          <Trans>Your last changes were not saved when {by} took over. They are kept here.</Trans>
        ) : (
          <Trans>Changes of yours that were not saved are kept here.</Trans>
        )}
      </span>
      <Group gap={6}>
        <Button size="compact-xs" variant="default" onClick={() => setCompared(true)}>
          <Trans>See what differs</Trans>
        </Button>
        {mayEdit && (
          <Button size="compact-xs" variant="default" onClick={putBack}>
            <Trans>Put them back</Trans>
          </Button>
        )}
        <Button size="compact-xs" variant="default" onClick={() => void saveApart()}>
          <Trans>Save as a new flow</Trans>
        </Button>
        <Button size="compact-xs" variant="subtle" color="gray" onClick={forget}>
          <Trans>Discard</Trans>
        </Button>
      </Group>
      <Suspense>
        {compared && (
          <CompareDialog kept={kept} from="draft" to="kept" onClose={() => setCompared(false)} />
        )}
      </Suspense>
    </div>
  );
}

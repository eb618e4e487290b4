/** Offers changes that an earlier page kept because they could not be saved. */
import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { History } from "lucide-react";
import { command } from "~/model/command.ts";
import { Ago } from "~/ui/Moment.tsx";
import { forgetKept, useKeeping } from "./keep.ts";
import classes from "./kept.module.css";
import { useEditor, useEditorStore } from "./store.ts";

export function KeptNotice() {
  const store = useEditorStore();
  const [kept, settle] = useKeeping();
  const etag = useEditor((state) => state.etag);
  if (!kept) return null;
  const bringBack = () => {
    const { history, perform } = store.getState();
    // One step of the history: undo takes it back.
    perform(command("flow.field", history.flow, kept.flow));
    settle();
  };
  const drop = () => {
    forgetKept(kept.flow.id);
    settle();
  };
  return (
    <section className={classes.notice} role="alert">
      <History size={17} aria-hidden />
      <p>
        <Trans>
          Changes that could not be saved (<Ago at={kept.at} />) are still in this browser.
        </Trans>
        {kept.etag !== etag && (
          <>
            {" "}
            <Trans>The flow was changed since then; they would take the place of that.</Trans>
          </>
        )}
      </p>
      <span className={classes.buttons}>
        <Button size="xs" onClick={bringBack}>
          <Trans>Bring them back</Trans>
        </Button>
        <Button size="xs" variant="default" onClick={drop}>
          <Trans>Drop them</Trans>
        </Button>
      </span>
    </section>
  );
}

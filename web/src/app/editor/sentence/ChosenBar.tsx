/** What can be done with several chosen steps at once. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { say } from "~/ui/toast.tsx";
import type { Edits } from "./edits.ts";
import classes from "./sentence.module.css";

interface ChosenBarProps {
  count: number;
  edits: Edits;
  onDone: () => void;
}

export function ChosenBar({ count, edits, onDone }: ChosenBarProps) {
  const { t } = useLingui();
  const act = (words: ReactNode, run: () => void, color = "gray") => (
    <Button size="compact-md" variant="subtle" color={color} disabled={count === 0} onClick={run}>
      {words}
    </Button>
  );
  return (
    <section className={classes.bar} aria-label={t`Chosen steps`}>
      <strong>
        <Plural value={count} one="# step chosen" other="# steps chosen" />
      </strong>
      {act(<Trans>Duplicate</Trans>, () => edits.duplicate(edits.chosen()))}
      {act(<Trans>Switch on or off</Trans>, () => edits.toggle(edits.chosen()))}
      {count > 1 &&
        act(<Trans>Group the steps</Trans>, () => {
          edits.group(edits.chosen());
          onDone();
        })}
      {act(<Trans>Copy</Trans>, () => {
        const text = edits.copied(edits.chosen());
        void navigator.clipboard.writeText(text).then(() => say(t`Copied.`));
      })}
      {act(<Trans>Delete</Trans>, () => edits.remove(edits.chosen()), "red")}
      <Button size="compact-md" variant="default" onClick={onDone}>
        <Trans>Close</Trans>
      </Button>
    </section>
  );
}

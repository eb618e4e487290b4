/** Recent runs of the flow; choosing one draws it. */
import { Trans, useLingui } from "@lingui/react/macro";
import { CloseButton, ScrollArea } from "@mantine/core";
import { RunList } from "~/runs/RunList.tsx";
import classes from "./editor.module.css";

interface RunsPanelProps {
  flow: string;
  selected?: string;
  onClose: () => void;
}

export function RunsPanel({ flow, selected, onClose }: RunsPanelProps) {
  const { t } = useLingui();
  return (
    <section className={classes.side} aria-label={t`Runs of this flow`}>
      <header className={classes.sideHead}>
        <h2>
          <Trans>Runs</Trans>
        </h2>
        <CloseButton size="sm" aria-label={t`Close the list of runs`} onClick={onClose} />
      </header>
      <ScrollArea className={classes.sideBody} type="auto" scrollbarSize={8}>
        <RunList
          query={{ flow }}
          hrefOf={(run) => `/flows/${flow}?run=${run.id}`}
          selected={selected}
          compact
        />
      </ScrollArea>
    </section>
  );
}

/** Says in the bar whether the draft is what is live. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useDeferredValue, useMemo } from "react";
import { diffFlows, doesSame, type FlowDiff, isSame } from "~/model/diff/diff.ts";
import { Tip } from "~/ui/Tip.tsx";
import { useFlowDocument } from "../store.ts";
import { type Source, useVersionDocument } from "./source.ts";
import classes from "./version.module.css";

interface DraftDiff {
  diff: FlowDiff;
  same: boolean;
  /** It would do nothing differently: only names, notes and places differ. */
  alike: boolean;
}

/** How the draft differs from what is live; null while that is not known. */
export function useDraftDiff(live: Source | null): DraftDiff | null {
  const draft = useDeferredValue(useFlowDocument());
  const published = useVersionDocument(draft.id, live).data ?? null;
  return useMemo(() => {
    if (!published) return null;
    const diff = diffFlows(published, draft);
    return { diff, same: isSame(diff), alike: doesSame(diff) };
  }, [published, draft]);
}

export function DraftMark({ live, onClick }: { live: Source | null; onClick: () => void }) {
  const { t } = useLingui();
  const found = useDraftDiff(live);
  if (live === null || found === null || found.same) return null;
  return (
    <Tip label={t`Show the versions and what differs`} openDelay={300}>
      <button type="button" className={classes.draftMark} onClick={onClick}>
        {found.alike ? <Trans>Looks differ from live</Trans> : <Trans>Not live yet</Trans>}
      </button>
    </Tip>
  );
}

/** A flow as numbered sentences: read from the top, walked by the arrow keys, changed in place. */
import { Trans, useLingui } from "@lingui/react/macro";
import { VisuallyHidden } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { FlowDocument } from "~/model/flow.ts";
import type { NodeTypes } from "~/model/port.ts";
import type { Doors, RowProblem } from "./context.ts";
import { Items, type ListShared } from "./StepList.tsx";
import classes from "./sentence.module.css";
import type { Told } from "./told.ts";
import { useRowKeys } from "./walk.ts";

interface SentenceViewProps {
  flow: FlowDocument;
  types: NodeTypes;
  told: Told;
  problems?: ReadonlyMap<string, readonly RowProblem[]>;
  chosen: ReadonlySet<string>;
  runId?: string | null;
  readOnly: boolean;
  doors: Doors;
  /** What changed last, for whoever listens. */
  news?: string;
  /** What stands above the sentences, and below them. */
  head?: ReactNode;
  notes?: ReactNode;
  foot?: ReactNode;
}

const noProblems: ReadonlyMap<string, readonly RowProblem[]> = new Map();

export function SentenceView(props: SentenceViewProps) {
  const { flow, types, told, chosen, runId = null, readOnly, doors, news = "" } = props;
  const { t } = useLingui();
  const [at, setAt] = useState<string | null>(null);
  const keys = useRowKeys(doors, setAt);
  const { outline } = told;
  // The step that Tab reaches: where the keyboard was last, or the first there is.
  const first = outline.steps.keys().next().value ?? null;
  const current = at !== null && outline.steps.has(at) ? at : first;
  const shared: ListShared = {
    flow,
    types,
    told,
    problems: props.problems ?? noProblems,
    chosen,
    current,
    runId,
    readOnly,
    doors,
  };
  return (
    <div className={classes.view} {...keys}>
      <div className={classes.page} data-reading={readOnly || undefined}>
        <VisuallyHidden component="h1">{flow.name}</VisuallyHidden>
        {props.head}
        <Items items={outline.items} shared={shared} label={t`Steps of the flow`} />
        {outline.loose.length > 0 && (
          <>
            <h2 className={classes.heading}>
              <Trans>Not connected to a start</Trans>
            </h2>
            <p className={classes.hint}>
              <Trans>Nothing leads to these steps, so they are not run.</Trans>
            </p>
            <Items items={outline.loose} shared={shared} label={t`Not connected to a start`} />
          </>
        )}
        {props.notes}
        {props.foot}
      </div>
      <VisuallyHidden role="status" aria-live="polite">
        {news}
      </VisuallyHidden>
    </div>
  );
}

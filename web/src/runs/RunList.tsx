/** Runs, newest first, page by page; each row follows its run live. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { History, SearchX } from "lucide-react";
import type { BusinessKey, RunQuery, RunSummary } from "~/api/contract.ts";
import { useRuns } from "~/api/query.ts";
import { Link } from "~/app/router.tsx";
import { useFormat } from "~/ui/format.ts";
import { Ago } from "~/ui/Moment.tsx";
import { Empty, Failure, LoadingRows } from "~/ui/Notice.tsx";
import { headKeys } from "./key.ts";
import classes from "./list.module.css";
import { StateMark } from "./StateMark.tsx";
import { useLiveRun } from "./state.ts";
import { isOver, useRunWords } from "./words.tsx";

interface RunListProps {
  query: RunQuery;
  /** Where a row leads; a run's own page where left out. */
  hrefOf?: (run: RunSummary) => string;
  /** Marks the run that is open beside the list. */
  selected?: string | undefined;
  /** Leaves out what a narrow panel has no room for. */
  compact?: boolean;
  /** Whether the query leaves runs out: an empty list means something else then. */
  narrowed?: boolean;
  onClear?: () => void;
}

export function RunList(props: RunListProps) {
  const { query, hrefOf, selected, compact = false, narrowed = false, onClear } = props;
  const { t } = useLingui();
  const runs = useRuns(query);
  const searched = runs.data?.pages.at(-1)?.searched;

  if (runs.isPending) return <LoadingRows rows={6} height={54} />;
  if (runs.error && !runs.items) {
    return <Failure error={runs.error} onRetry={() => void runs.refetch()} />;
  }
  if (searched?.back_to && runs.items?.length === 0) {
    return <LookFurther backTo={searched.back_to} runs={runs} />;
  }
  if (!runs.items || runs.items.length === 0) {
    return narrowed ? (
      <Empty
        icon={<SearchX size={26} />}
        title={<Trans>No run fits these filters</Trans>}
        action={
          onClear && (
            <Button variant="default" onClick={onClear}>
              <Trans>Show all runs</Trans>
            </Button>
          )
        }
      >
        <Trans>Search looks at order numbers, customers and the other keys of a run.</Trans>
      </Empty>
    ) : (
      <Empty icon={<History size={26} />} title={<Trans>No run yet</Trans>}>
        <Trans>
          A run appears here the moment an event starts a flow, or you start one by hand.
        </Trans>
      </Empty>
    );
  }
  return (
    <>
      <ul className={classes.list} data-compact={compact || undefined} aria-label={t`Runs`}>
        {runs.items.map((run) => (
          <RunRow
            key={run.id}
            run={run}
            href={hrefOf?.(run) ?? `/runs/${run.id}`}
            selected={run.id === selected}
            showFlow={query.flow === undefined}
          />
        ))}
      </ul>
      {searched?.back_to && <LookFurther backTo={searched.back_to} runs={runs} />}
      {runs.hasNextPage && !searched && (
        <Button
          mt="md"
          variant="default"
          loading={runs.isFetchingNextPage}
          onClick={() => void runs.fetchNextPage()}
        >
          <Trans>Show older runs</Trans>
        </Button>
      )}
    </>
  );
}

interface LookFurtherProps {
  /** The search has looked at every run from now back to then. */
  backTo: string;
  runs: Pick<ReturnType<typeof useRuns>, "fetchNextPage" | "isFetchingNextPage">;
}

/** A search in all data takes long, so it stops now and then and says how far it came. */
function LookFurther({ backTo, runs }: LookFurtherProps) {
  const format = useFormat();
  return (
    <div className={classes.further}>
      <p role="status">
        <Trans>Searched the runs since {format.moment(backTo)}.</Trans>
      </p>
      <Button
        variant="default"
        loading={runs.isFetchingNextPage}
        onClick={() => void runs.fetchNextPage()}
      >
        <Trans>Search further back</Trans>
      </Button>
    </div>
  );
}

interface RunRowProps {
  run: RunSummary;
  href: string;
  selected: boolean;
  showFlow: boolean;
}

function RunRow({ run, href, selected, showFlow }: RunRowProps) {
  const live = useLiveRun(run.id);
  const format = useFormat();
  // The list may be newer than the last live event; a run that is over stays over.
  const state = live && !isOver(run.state) ? live.state : run.state;
  return (
    <li className={classes.row} data-state={state} data-selected={selected || undefined}>
      <span className={classes.state}>
        <StateMark state={state} />
      </span>
      <div className={classes.what}>
        <Link className={classes.name} to={href} aria-current={selected ? "true" : undefined}>
          <RunName run={run} showFlow={showFlow} />
        </Link>
        {showFlow && run.keys.length > 0 && <span className={classes.flow}>{run.flow_name}</span>}
        {run.error && <span className={classes.error}>{run.error.message}</span>}
      </div>
      <span className={classes.how}>
        {run.rerun === "part" && <Trans>Trial</Trans>}
        {run.rerun !== null && run.rerun !== "part" && <Trans>Another try</Trans>}
        {run.by_hand && run.rerun === null && <Trans>By hand</Trans>}
        {run.duration_ms !== null && <span>{format.duration(run.duration_ms)}</span>}
      </span>
      <span className={classes.when}>{run.started_at && <Ago at={run.started_at} />}</span>
    </li>
  );
}

/** A run is known by its order or customer; where it has neither, by its flow. */
function RunName({ run, showFlow }: { run: RunSummary; showFlow: boolean }) {
  if (run.keys.length > 0) return <KeyWords keys={headKeys(run.keys)} />;
  return <span className={classes.key}>{showFlow ? run.flow_name : run.id}</span>;
}

interface KeyWordsProps {
  keys: BusinessKey[];
  /** Each leads to everything that touched it. */
  linked?: boolean;
}

export function KeyWords({ keys, linked = false }: KeyWordsProps) {
  const words = useRunWords();
  return keys.map((key) => (
    <span key={`${key.kind} ${key.value}`} className={classes.key}>
      <span className={classes.kind}>{words.keyKind(key.kind)}</span>{" "}
      {linked ? (
        <Link className={classes.keyLink} to={timelinePath(key)}>
          {key.value}
        </Link>
      ) : (
        key.value
      )}
    </span>
  ));
}

export const timelinePath = ({ kind, value }: BusinessKey): string =>
  `/timeline?${new URLSearchParams({ kind, value })}`;

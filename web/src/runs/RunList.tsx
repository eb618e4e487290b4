/** Runs, newest first, page by page; each row follows its run live. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { History, SearchX, TextSearch } from "lucide-react";
import type { KeyboardEvent } from "react";
import type { RunQuery, RunSummary } from "~/api/contract.ts";
import { useRuns } from "~/api/query.ts";
import { Link } from "~/app/router.tsx";
import { useFormat } from "~/ui/format.ts";
import { Empty, Failure, LoadingRows } from "~/ui/Notice.tsx";
import classes from "./list.module.css";
import { RunRow } from "./RunRow.tsx";

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
  /** Searches in all data, where nothing has the words as its order number or customer. */
  onSearchAll?: () => void;
}

export function RunList(props: RunListProps) {
  const { query, hrefOf, selected, compact = false, narrowed = false } = props;
  const { onClear, onSearchAll } = props;
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
      <NoHit query={query} onClear={onClear} onSearchAll={onSearchAll} />
    ) : (
      <Empty
        icon={<History size={26} />}
        title={<Trans>No run yet</Trans>}
        action={
          query.flow === undefined && (
            <Button component={Link} to="/flows" variant="default">
              <Trans>Open the flows</Trans>
            </Button>
          )
        }
      >
        <Trans>
          A run appears here the moment an event starts a flow, or you start one by hand.
        </Trans>
      </Empty>
    );
  }
  return (
    <>
      <ul
        className={classes.list}
        data-compact={compact || undefined}
        data-walk="runs"
        aria-label={t`Runs`}
        onKeyDown={walk}
      >
        {runs.items.map((run) => (
          <RunRow
            key={run.id}
            run={run}
            href={hrefOf?.(run) ?? `/runs/${run.id}`}
            selected={run.id === selected}
            showFlow={query.flow === undefined}
            sought={query.q}
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
          {compact ? <Trans>Show older ones</Trans> : <Trans>Show older runs</Trans>}
        </Button>
      )}
    </>
  );
}

interface NoHitProps {
  query: RunQuery;
  onClear: (() => void) | undefined;
  onSearchAll: (() => void) | undefined;
}

/** Nothing fits: says what was looked at, and offers the next thing to try. */
function NoHit({ query, onClear, onSearchAll }: NoHitProps) {
  const { q } = query;
  return (
    <Empty
      icon={<SearchX size={26} />}
      title={
        q === undefined ? (
          <Trans>No run fits these filters</Trans>
        ) : (
          <Trans>No run is known as “{q}”</Trans>
        )
      }
      action={
        <>
          {q !== undefined && onSearchAll && (
            <Button leftSection={<TextSearch size={16} />} onClick={onSearchAll}>
              <Trans>Search in all data</Trans>
            </Button>
          )}
          {onClear && (
            <Button variant="default" onClick={onClear}>
              <Trans>Show all runs</Trans>
            </Button>
          )}
        </>
      }
    >
      {q === undefined ? (
        <Trans>Choose a longer time, or fewer filters.</Trans>
      ) : (
        <Trans>
          A search compares whole order numbers, addresses and other keys. A part of one, a name or
          an amount is found in all data.
        </Trans>
      )}
    </Empty>
  );
}

/** Up, down, Home and End go from row to row; Enter opens one, as a link does. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-walk-row]")];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  rows[to]?.focus();
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

import { Trans } from "@lingui/react/macro";
import type { Failure, RunSummary } from "~/api/contract.ts";
import { Link } from "~/app/router.tsx";
import { useFormat } from "~/ui/format.ts";
import { Ago } from "~/ui/Moment.tsx";
import { useFailureText } from "./failure.ts";
import { KeyWords } from "./KeyWords.tsx";
import { headKeys, soughtKey } from "./key.ts";
import classes from "./list.module.css";
import { useStepName } from "./name.ts";
import { StateMark } from "./StateMark.tsx";
import { useLiveRun } from "./state.ts";
import { isOver } from "./words.tsx";

interface RunRowProps {
  run: RunSummary;
  href: string;
  selected: boolean;
  showFlow: boolean;
  /** The words that were searched for; a key that is them is shown, whatever else the run has. */
  sought?: string | undefined;
}

/** One run in a list: how it stands, what it is about, where it failed and why it was found. */
export function RunRow({ run, href, selected, showFlow, sought }: RunRowProps) {
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
        <Link
          className={classes.name}
          to={href}
          aria-current={selected ? "true" : undefined}
          data-walk-row
        >
          <RunName run={run} showFlow={showFlow} sought={sought} />
        </Link>
        {showFlow && run.keys.length > 0 && <span className={classes.flow}>{run.flow_name}</span>}
        {run.error && <RunError run={run} error={run.error} />}
        {run.hit && (
          <span className={classes.hit}>
            {run.hit.before}
            <mark>{run.hit.text}</mark>
            {run.hit.after}
          </span>
        )}
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

/** Where it failed, in the words of its flow, and why. */
function RunError({ run, error }: { run: RunSummary; error: Failure }) {
  const { node = "", label = null, type = null } = run.failed_at ?? {};
  const { title } = useStepName({ node, label, type });
  const text = useFailureText()(error);
  return (
    <span className={classes.error}>
      {run.failed_at && <strong>{title}: </strong>}
      {(text.theirs && text.written) || text.said}
    </span>
  );
}

interface RunNameProps {
  run: RunSummary;
  showFlow: boolean;
  sought: string | undefined;
}

/** A run is known by its order or customer; where it has neither, by its flow. */
function RunName({ run, showFlow, sought }: RunNameProps) {
  if (run.keys.length === 0) {
    return <span className={classes.key}>{showFlow ? run.flow_name : run.id}</span>;
  }
  const head = headKeys(run.keys);
  const hit = sought === undefined ? undefined : soughtKey(run.keys, sought);
  return <KeyWords keys={hit && !head.includes(hit) ? [...head, hit] : head} />;
}

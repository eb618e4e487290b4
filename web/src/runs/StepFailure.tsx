import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { CircleX } from "lucide-react";
import type { ReactNode } from "react";
import type { Failure, Run } from "~/api/contract.ts";
import { Link } from "~/app/router.tsx";
import { DataViewer } from "./data/DataViewer.tsx";
import { FailureWords } from "./FailureWords.tsx";
import { useStepName } from "./name.ts";
import { RetryButton } from "./RunActions.tsx";
import classes from "./step.module.css";
import { type NodeSteps, stepsByNode } from "./step.ts";

/** What to do next, by the kind of failure; the server's sentence says what happened. */
const cures: [prefix: string, cure: MessageDescriptor][] = [
  [
    "connection.",
    msg`Open the connection, sign in again and test it. Then send the event again or start the flow by hand.`,
  ],
  ...["vendor.unavailable", "vendor.unreachable", "vendor.no_answer", "vendor.rate_limited"].map(
    (code): [string, MessageDescriptor] => [
      code,
      msg`The other side did not answer in time. Wait until it is well again, then send the event again.`,
    ],
  ),
  [
    "vendor.",
    msg`The other side said no. Check the values that went in, correct them at their source or in the flow, and run it again.`,
  ],
  [
    "params.",
    msg`Open the step in the flow, correct the field that is named here, publish and run it again.`,
  ],
  [
    "expression.",
    msg`Open the step in the flow, correct the formula that is named here, publish and run it again.`,
  ],
  [
    "connector.",
    msg`Ask whoever runs your Tramo to install or set up what is missing, then run it again.`,
  ],
];
const lastCure = msg`Open the step in the flow to see its settings, then run it again with the same event.`;

interface StepFailureProps {
  failure: Failure;
  attempts: number;
  flow: string;
  /** The node to look at there. */
  node?: string;
  /** Which step failed, where the place does not say it already. */
  title?: string;
  /** What lets the run go on from here, where one may. */
  retry?: ReactNode;
}

/** A failure in plain words, and the next thing to do. */
export function StepFailure(props: StepFailureProps) {
  const { failure, attempts, flow, node, title, retry } = props;
  const { t, i18n } = useLingui();
  const cure = cures.find(([prefix]) => failure.code.startsWith(prefix))?.[1] ?? lastCure;
  const atConnection = failure.code.startsWith("connection.");
  return (
    <div className={classes.failure}>
      <p className={classes.message}>
        <CircleX size={17} aria-hidden />
        <span>
          {title !== undefined && (
            <>
              <strong>{title}</strong>
              <br />
            </>
          )}
          <FailureWords failure={failure} />
        </span>
      </p>
      {attempts > 1 && (
        <p className={classes.quiet}>
          <Plural
            value={attempts}
            one="Tried # time, without success."
            other="Tried # times, without success."
          />
        </p>
      )}
      {retry}
      <p>
        <strong>
          <Trans>What to do:</Trans>
        </strong>{" "}
        {i18n._(cure)}{" "}
        {atConnection ? (
          <Link to="/connections">
            <Trans>Open the connections</Trans>
          </Link>
        ) : (
          <Link to={node === undefined ? `/flows/${flow}` : `/flows/${flow}?node=${node}`}>
            <Trans>Open the flow</Trans>
          </Link>
        )}
      </p>
      {failure.details !== undefined && failure.details !== null && (
        <details className={classes.more}>
          <summary>
            <Trans>Details for support</Trans> <code>{failure.code}</code>
          </summary>
          <DataViewer value={failure.details} label={t`Details of the error`} />
        </details>
      )}
    </div>
  );
}

/** Why a failed run failed: its first failed step, said at the top of the page. */
export function RunFailure({ run, canAct }: { run: Run; canAct: boolean }) {
  if (run.state !== "failed") return null;
  const group = stepsByNode(run).find(
    ({ state, steps }) => state === "failed" && steps.some(({ error }) => error),
  );
  if (group) return <NamedFailure run={run} group={group} canAct={canAct} />;
  // A node that stops the run, or a limit of the run itself, is no failed step.
  return run.error ? (
    <div className={classes.above}>
      <StepFailure
        failure={run.error}
        attempts={0}
        flow={run.flow}
        retry={canAct && <RetryButton run={run} />}
      />
    </div>
  ) : null;
}

interface NamedFailureProps {
  run: Run;
  group: NodeSteps;
  canAct: boolean;
}

function NamedFailure({ run, group, canAct }: NamedFailureProps) {
  const { title } = useStepName(group);
  const step = group.steps.find(({ error }) => error);
  if (!step?.error) return null;
  return (
    <div className={classes.above}>
      <StepFailure
        failure={step.error}
        attempts={step.attempts}
        flow={run.flow}
        node={group.node}
        title={title}
        retry={canAct && <RetryButton run={run} />}
      />
    </div>
  );
}

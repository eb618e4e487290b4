import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { CircleX, Hourglass } from "lucide-react";
import type { Failure, Run, Step } from "~/api/contract.ts";
import { Link } from "~/app/router.tsx";
import { useFormat } from "~/ui/format.ts";
import { AnswerPanel } from "./AnswerPanel.tsx";
import { DataViewer } from "./data/DataViewer.tsx";
import classes from "./step.module.css";

interface StepDetailProps {
  run: Run;
  step: Step;
  title: string;
  canAnswer: boolean;
}

/** One step: why it failed, what it waits for or asks, what went in and what came out. */
export function StepDetail({ run, step, title, canAnswer }: StepDetailProps) {
  const { t } = useLingui();
  const format = useFormat();
  return (
    <>
      {step.state === "asking" && (
        <AnswerPanel run={run} step={step} title={title} canAnswer={canAnswer} />
      )}
      {step.error && <StepFailure failure={step.error} attempts={step.attempts} flow={run.flow} />}
      {step.state === "waiting" && step.due_at && (
        <p className={classes.waiting}>
          <Hourglass size={16} aria-hidden />
          <Trans>It waits until {format.moment(step.due_at)}.</Trans>
        </p>
      )}
      {step.state === "skipped" && (
        <p className={classes.quiet}>
          <Trans>The run took another way, so this step was not needed.</Trans>
        </p>
      )}
      <div className={classes.data}>
        {step.input !== undefined && (
          <section>
            <h4>
              <Trans>Went in</Trans>
            </h4>
            <DataViewer value={step.input} label={t`What went into “${title}”`} />
          </section>
        )}
        {step.output !== undefined && (
          <section>
            <h4>
              <Trans>Came out</Trans>
            </h4>
            <DataViewer value={step.output} label={t`What came out of “${title}”`} />
          </section>
        )}
      </div>
    </>
  );
}

/** What to do next, by the kind of failure; the server's sentence says what happened. */
const cures: [prefix: string, cure: MessageDescriptor][] = [
  [
    "connection.",
    msg`Open the connection, sign in again and test it. Then send the event again or start the flow by hand.`,
  ],
  [
    "vendor.unavailable",
    msg`The other side did not answer in time. Wait until it is well again, then send the event again.`,
  ],
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
}

function StepFailure({ failure, attempts, flow }: StepFailureProps) {
  const { t, i18n } = useLingui();
  const cure = cures.find(([prefix]) => failure.code.startsWith(prefix))?.[1] ?? lastCure;
  const atConnection = failure.code.startsWith("connection.");
  return (
    <div className={classes.failure}>
      <p className={classes.message}>
        <CircleX size={17} aria-hidden />
        <span>{failure.message}</span>
      </p>
      {attempts > 1 && (
        <p className={classes.quiet}>
          <Trans>Tried {attempts} times.</Trans>
        </p>
      )}
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
          <Link to={`/flows/${flow}`}>
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

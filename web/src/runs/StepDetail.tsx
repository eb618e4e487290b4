import { Trans, useLingui } from "@lingui/react/macro";
import { CircleX, CornerDownRight } from "lucide-react";
import type { Step } from "~/api/contract.ts";
import { Link } from "~/app/router.tsx";
import { DataViewer } from "./data/DataViewer.tsx";
import classes from "./step.module.css";
import { calledRun } from "./step.ts";
import { WaitPanel } from "./WaitPanel.tsx";

interface StepDetailProps {
  run: string;
  step: Step;
  title: string;
  type: string | null;
  /** Whether the person may answer and hurry. */
  canAct: boolean;
}

/** One step: why it failed, what it waits for, what went in and what came out. */
export function StepDetail({ run, step, title, type, canAct }: StepDetailProps) {
  const { t } = useLingui();
  const called = type === "core.call_flow" ? calledRun(step) : null;
  return (
    <>
      {step.error && (
        <p className={classes.wrong}>
          <CircleX size={16} aria-hidden />
          {step.error.message}
        </p>
      )}
      {step.state === "waiting" && (
        <WaitPanel run={run} step={step} title={title} type={type} canAct={canAct} />
      )}
      {step.state === "skipped" && (
        <p className={classes.quiet}>
          {step.copied ? (
            <Trans>It was done by the run before this one, so it was not done again.</Trans>
          ) : (
            <Trans>The run took another way, so this step was not needed.</Trans>
          )}
        </p>
      )}
      {called !== null && (
        <p>
          <Link className={classes.called} to={`/runs/${called}`}>
            <CornerDownRight size={15} aria-hidden /> <Trans>Open the run that it started</Trans>
          </Link>
        </p>
      )}
      <div className={classes.data}>
        {/* What sets a run off has no input. */}
        {step.input !== undefined && step.input !== null && (
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

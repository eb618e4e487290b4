import { Trans, useLingui } from "@lingui/react/macro";
import { CircleX, Hourglass } from "lucide-react";
import type { Step } from "~/api/contract.ts";
import { useFormat } from "~/ui/format.ts";
import { DataViewer } from "./data/DataViewer.tsx";
import classes from "./step.module.css";

interface StepDetailProps {
  step: Step;
  title: string;
}

/** One step: why it failed, what it waits for, what went in and what came out. */
export function StepDetail({ step, title }: StepDetailProps) {
  const { t } = useLingui();
  const format = useFormat();
  return (
    <>
      {step.error && (
        <p className={classes.wrong}>
          <CircleX size={16} aria-hidden />
          {step.error.message}
        </p>
      )}
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

import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { CircleX, CornerDownRight, SquarePen } from "lucide-react";
import { Suspense, useState } from "react";
import type { Run, Step } from "~/api/contract.ts";
import { useNodeType } from "~/api/query.ts";
import { Link } from "~/app/router.tsx";
import { later } from "~/ui/later.ts";
import { DataViewer } from "./data/DataViewer.tsx";
import { FailureWords } from "./FailureWords.tsx";
import classes from "./step.module.css";
import { calledRun } from "./step.ts";
import { WaitPanel } from "./WaitPanel.tsx";
import { isOver } from "./words.tsx";

const ChangeDialog = later(async () => ({
  default: (await import("~/app/runs/ChangeDialog.tsx")).ChangeDialog,
}));

interface StepDetailProps {
  run: string;
  step: Step;
  title: string;
  type: string | null;
  /** Whether the person may answer and hurry. */
  canAct: boolean;
  /** The run itself, where what it gave may be changed before another try. */
  changeable?: Run | undefined;
  /** Where its headings stand among those of the page. */
  heading?: "h3" | "h4";
}

/** One step: why it failed, what it waits for, what went in and what came out. */
export function StepDetail(props: StepDetailProps) {
  const { run, step, title, type, canAct, changeable, heading: Heading = "h4" } = props;
  const { t } = useLingui();
  const known = useNodeType(type);
  const called = type === "core.call_flow" ? calledRun(step) : null;
  return (
    <>
      {step.error && (
        <p className={classes.wrong}>
          <CircleX size={16} aria-hidden />
          <span>
            <FailureWords failure={step.error} />
          </span>
        </p>
      )}
      {step.state === "waiting" && (
        <WaitPanel run={run} step={step} title={title} type={type} canAct={canAct} />
      )}
      {step.state === "skipped" && (
        <p className={classes.quiet}>
          {step.given ? (
            <Trans>It did not run: the data was pinned, or changed by somebody.</Trans>
          ) : step.copied ? (
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
            <Heading>
              <Trans>Went in</Trans>
            </Heading>
            <DataViewer
              value={step.input}
              schema={known?.params_schema ?? null}
              label={t`What went into “${title}”`}
            />
          </section>
        )}
        {step.output !== undefined && (
          <section>
            <Heading>
              <Trans>Came out</Trans>
            </Heading>
            <DataViewer
              value={step.output}
              schema={known?.output_schema ?? null}
              label={t`What came out of “${title}”`}
            />
            {changeable && canAct && <ChangeButton run={changeable} step={step} title={title} />}
          </section>
        )}
      </div>
    </>
  );
}

/** Lets somebody correct what a step of an ended run gave, and run what follows from it again. */
function ChangeButton({ run, step, title }: { run: Run; step: Step; title: string }) {
  const [open, setOpen] = useState(false);
  const { node, iteration } = step;
  if (!isOver(run.state)) return null;
  return (
    <>
      <Button
        size="xs"
        variant="subtle"
        mt={6}
        leftSection={<SquarePen size={14} />}
        onClick={() => setOpen(true)}
      >
        <Trans>Change it and run again…</Trans>
      </Button>
      <Suspense>
        {open && (
          <ChangeDialog
            run={run}
            {...(node !== run.trigger && { step: { node, iteration, title } })}
            onClose={() => setOpen(false)}
          />
        )}
      </Suspense>
    </>
  );
}

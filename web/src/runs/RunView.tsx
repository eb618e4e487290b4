/** One run, past or under way: what became of it, what set it off, and every step with its data. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Title, VisuallyHidden } from "@mantine/core";
import { Workflow } from "lucide-react";
import type { Run } from "~/api/contract.ts";
import { useNodeType, useRun } from "~/api/query.ts";
import { Link } from "~/app/router.tsx";
import { useTitle } from "~/app/title.ts";
import { CopyButton } from "~/ui/CopyText.tsx";
import { useFormat, useNow } from "~/ui/format.ts";
import { Failure, LoadingRows } from "~/ui/Notice.tsx";
import { RunQuestions } from "./AnswerPanel.tsx";
import { DataViewer } from "./data/DataViewer.tsx";
import { KeyWords } from "./KeyWords.tsx";
import { headKeys } from "./key.ts";
import { LineNotice } from "./LineNotice.tsx";
import { useLive } from "./live.ts";
import { useRunNews } from "./news.ts";
import { RunActions } from "./RunActions.tsx";
import { RunAsks } from "./RunAsks.tsx";
import { RunActs, RunFamily } from "./RunFamily.tsx";
import { StateMark } from "./StateMark.tsx";
import { RunFailure } from "./StepFailure.tsx";
import { StepList } from "./StepList.tsx";
import { useLiveRun } from "./state.ts";
import { durationMs } from "./step.ts";
import classes from "./view.module.css";
import { isOver, useRunWords } from "./words.tsx";

interface RunViewProps {
  id: string;
  /** Whether the person may stop the run and answer its questions. */
  canAnswer: boolean;
}

export function RunView({ id, canAnswer }: RunViewProps) {
  const run = useRun(id);
  const over = run.data !== undefined && isOver(run.data.state);
  const status = useLive({ run: id, off: over });

  if (!run.data) {
    return (
      <>
        <VisuallyHidden component="h1">
          <Trans>One run</Trans>
        </VisuallyHidden>
        {run.isPending ? (
          <LoadingRows rows={5} height={72} />
        ) : (
          <Failure
            error={run.error}
            title={<Trans>This run could not be loaded</Trans>}
            onRetry={() => void run.refetch()}
          />
        )}
      </>
    );
  }
  return (
    <article>
      {!over && <LineNotice status={status} />}
      <RunHeader run={run.data} canAct={canAnswer} />
      <RunFailure run={run.data} canAct={canAnswer} />
      <RunQuestions run={run.data} canAnswer={canAnswer} />
      <RunAsks run={run.data} />
      <Facts run={run.data} />
      <RunEvent run={run.data} />
      <h2 className={classes.section}>
        <Trans>Steps</Trans>
      </h2>
      <StepList run={run.data} canAct={canAnswer} />
      <RunFamily run={run.data} />
      <RunActs acts={run.data.acts} />
    </article>
  );
}

function RunHeader({ run, canAct }: { run: Run; canAct: boolean }) {
  const { t } = useLingui();
  const words = useRunWords();
  const live = useLiveRun(run.id);
  const state = live && !isOver(run.state) ? live.state : run.state;
  const keys = headKeys(run.keys);
  const title = keys[0]?.value ?? run.flow_name;
  useTitle(t`Run: ${title}`);
  useRunNews(state);

  return (
    <header className={classes.header}>
      <div className={classes.mark}>
        <StateMark state={state} size={19} />
      </div>
      <div className={classes.actions}>
        {canAct && <RunActions run={run} state={state} />}
        {!run.flow_deleted && (
          <Button
            component={Link}
            to={`/flows/${run.flow}?run=${run.id}`}
            variant="default"
            leftSection={<Workflow size={16} />}
          >
            <Trans>Show on the flow</Trans>
          </Button>
        )}
      </div>
      <Title order={1} size="h2" className={classes.title}>
        {keys.length > 0 ? (
          <span className={classes.keys}>
            <KeyWords keys={keys} linked />
          </span>
        ) : (
          run.flow_name
        )}
      </Title>
      <p className={classes.meaning}>{words.meaning(state, run.reason)}</p>
    </header>
  );
}

function Facts({ run }: { run: Run }) {
  const { t } = useLingui();
  const format = useFormat();
  const now = useNow(1_000);
  const lasted = isOver(run.state)
    ? durationMs(run.started_at, run.ended_at)
    : durationMs(run.started_at, new Date(now).toISOString());
  return (
    <dl className={classes.facts}>
      <div>
        <dt>
          <Trans>Flow</Trans>
        </dt>
        <dd>
          {run.flow_deleted ? (
            <Trans>{run.flow_name} (deleted)</Trans>
          ) : (
            <Link to={`/flows/${run.flow}`}>{run.flow_name}</Link>
          )}
        </dd>
      </div>
      {run.started_at && (
        <div>
          <dt>
            <Trans>Started</Trans>
          </dt>
          <dd>
            <time dateTime={run.started_at}>{format.moment(run.started_at)}</time>
          </dd>
        </div>
      )}
      {lasted !== null && (
        <div>
          <dt>{isOver(run.state) ? <Trans>Took</Trans> : <Trans>So far</Trans>}</dt>
          <dd>{format.duration(lasted)}</dd>
        </div>
      )}
      <div>
        <dt>
          <Trans>Run id</Trans>
        </dt>
        <dd className={classes.id}>
          <code>{run.id}</code>
          <CopyButton text={run.id} label={t`Copy the run's id`} />
        </dd>
      </div>
      {run.keys.length > headKeys(run.keys).length && (
        <div className={classes.allKeys}>
          <dt>
            <Trans>Found by</Trans>
          </dt>
          <dd>
            <KeyWords keys={run.keys} />
          </dd>
        </div>
      )}
    </dl>
  );
}

function RunEvent({ run }: { run: Run }) {
  const { t } = useLingui();
  const format = useFormat();
  const known = useNodeType(run.event?.type ?? null);
  if (!run.event) return null;
  return (
    <details className={classes.event}>
      <summary>
        <span>
          <Trans>The event that started it</Trans>
        </span>
        <time dateTime={run.event.received_at}>{format.moment(run.event.received_at)}</time>
      </summary>
      <div className={classes.payload}>
        <DataViewer
          value={run.event.payload}
          schema={known?.output_schema ?? null}
          label={t`Data of the event`}
        />
      </div>
    </details>
  );
}

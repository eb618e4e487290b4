/** A run, under way or past, drawn on the version of the flow that it runs. */
import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, CloseButton, ScrollArea, VisuallyHidden } from "@mantine/core";
import { PencilLine } from "lucide-react";
import { Suspense, useMemo, useState } from "react";
import type { Run } from "~/api/contract.ts";
import { useRun } from "~/api/query.ts";
import { findNode, readFlow } from "~/model/flow.ts";
import { nodeTitle } from "~/model/variable.ts";
import { AnswerPanel } from "~/runs/AnswerPanel.tsx";
import { IterationPicker } from "~/runs/IterationPicker.tsx";
import { KeyWords } from "~/runs/KeyWords.tsx";
import { headKeys } from "~/runs/key.ts";
import { LineNotice } from "~/runs/LineNotice.tsx";
import { useLive } from "~/runs/live.ts";
import { useRunNews } from "~/runs/news.ts";
import { RetryButton } from "~/runs/RunActions.tsx";
import { useChosenStep } from "~/runs/round.ts";
import { StateMark } from "~/runs/StateMark.tsx";
import { StepDetail } from "~/runs/StepDetail.tsx";
import { useLiveRun } from "~/runs/state.ts";
import { stepsByNode } from "~/runs/step.ts";
import { isOver } from "~/runs/words.tsx";
import { later } from "~/ui/later.ts";
import { Ago } from "~/ui/Moment.tsx";
import { NodeIcon } from "~/ui/NodeIcon.tsx";
import { Failure } from "~/ui/Notice.tsx";
import { seekFocus } from "~/ui/seek.ts";
import { useCommands } from "../command/registry.ts";
import { Link, navigate, useSearch } from "../router.tsx";
import { SkipLink } from "../SkipLink.tsx";
import { Waiting } from "../Waiting.tsx";
import bar from "./bar.module.css";
import { useAsSample, useKnown } from "./data.ts";
import classes from "./editor.module.css";
import { useNarrow } from "./narrow.ts";
import panel from "./panel.module.css";
import { RunStage } from "./RunStage.tsx";
import { RunsPanel } from "./RunsPanel.tsx";
import { focusNode } from "./roam/ground.ts";
import { Sheet } from "./Sheet.tsx";
import { LookSwitch } from "./sentence/LookSwitch.tsx";
import { useEditor, useFlowDocument } from "./store.ts";

const RunSentences = later(async () => ({
  default: (await import("./sentence/RunSentences.tsx")).RunSentences,
}));

export function RunMode({ id }: { id: string }) {
  const { t } = useLingui();
  const flow = useFlowDocument();
  const run = useRun(id);
  const narrow = useNarrow();
  const look = useEditor((state) => state.look);
  const asked = useSearch().get("node");
  const [selected, setSelected] = useState<string | null>(asked);
  const { catalog } = useKnown();
  const over = run.data !== undefined && isOver(run.data.state);
  const line = useLive({ run: id, off: over });
  useAsSample(flow.id, run.data);
  const back = `/flows/${flow.id}`;
  const { name } = flow;
  useCommands([
    {
      id: "run.leave",
      title: msg`Back to editing`,
      group: "run",
      keywords: msg`draft, edit, close the run`,
      run: () => navigate(back),
    },
    {
      id: "edit.clear",
      title: msg`Close the step; go back to editing`,
      group: "edit",
      shortcut: "Escape",
      keysOnly: true,
      run: () => {
        if (selected === null) return navigate(back);
        setSelected(null);
        focusNode(selected);
      },
    },
  ]);

  return (
    <div className={classes.editor}>
      <SkipLink />
      <header className={bar.bar}>
        <VisuallyHidden component="h1">
          <Trans>A run of “{name}”</Trans>
        </VisuallyHidden>
        {run.data ? <RunTitle run={run.data} /> : <span>{flow.name}</span>}
        <span className={bar.space} />
        <LookSwitch />
        <Button component={Link} to={`/runs/${id}`} variant="default" size="sm">
          <Trans>All steps</Trans>
        </Button>
        {narrow ? (
          <ActionIcon component={Link} to={back} size={36} aria-label={t`Back to editing`}>
            <PencilLine size={17} />
          </ActionIcon>
        ) : (
          <Button component={Link} to={back} size="sm" leftSection={<PencilLine size={15} />}>
            <Trans>Back to editing</Trans>
          </Button>
        )}
      </header>
      <div className={classes.body}>
        {!narrow && (
          <div className={classes.left}>
            <RunsPanel flow={flow.id} selected={id} onClose={() => navigate(back)} />
          </div>
        )}
        <main id="page" tabIndex={-1} className={classes.middle}>
          {!over && <LineNotice status={line} />}
          <div className={classes.canvas}>
            {run.data && look === "sentences" ? (
              <Suspense fallback={<Waiting />}>
                <RunSentences
                  run={run.data}
                  catalog={catalog}
                  selected={selected}
                  onSelect={setSelected}
                />
              </Suspense>
            ) : run.data ? (
              <RunStage
                run={run.data}
                selected={selected}
                onSelect={setSelected}
                onEnter={(node) => {
                  setSelected(node);
                  seekFocus(() => document.querySelector<HTMLElement>("[data-panel] section"));
                }}
              />
            ) : run.error ? (
              <Failure error={run.error} onRetry={() => void run.refetch()} />
            ) : (
              <Waiting />
            )}
          </div>
        </main>
        {run.data && selected !== null && !narrow && (
          <div className={classes.right} data-panel>
            <StepPanel run={run.data} node={selected} onClose={() => setSelected(null)} />
          </div>
        )}
      </div>
      {narrow && run.data && (
        <Sheet
          opened={selected !== null}
          height="80%"
          label={t`What happened at this step`}
          onClose={() => setSelected(null)}
        >
          {selected !== null && (
            <StepPanel run={run.data} node={selected} onClose={() => setSelected(null)} />
          )}
        </Sheet>
      )}
    </div>
  );
}

function RunTitle({ run }: { run: Run }) {
  const live = useLiveRun(run.id);
  const state = live && !isOver(run.state) ? live.state : run.state;
  useRunNews(state);
  return (
    <span className={classes.runTitle}>
      <StateMark state={state} />
      <span className={classes.runName}>
        {run.keys.length > 0 ? <KeyWords keys={headKeys(run.keys)} /> : run.flow_name}
      </span>
      {run.started_at && (
        <span className={classes.runTime}>
          <Ago at={run.started_at} />
        </span>
      )}
    </span>
  );
}

function StepPanel({ run, node, onClose }: { run: Run; node: string; onClose: () => void }) {
  const { t } = useLingui();
  const { types, readOnly } = useKnown();
  const flow = useMemo(() => readFlow(run.document), [run.document]);
  const group = stepsByNode(run).find((it) => it.node === node);
  const [at, setAt] = useState<number[] | null>(null);
  const step = useChosenStep(run.id, group, at);
  const title = nodeTitle(flow, types, node);
  return (
    <section className={panel.panel} tabIndex={-1} aria-label={t`Step: ${title}`}>
      <header className={panel.head}>
        <NodeIcon type={types.get(findNode(flow, node)?.type ?? "")} size={34} />
        <div className={panel.name}>
          <h2>{title}</h2>
          {step && <StateMark state={step.state} size={14} />}
        </div>
        <CloseButton aria-label={t`Close the panel`} onClick={onClose} />
      </header>
      {group && step && step.iteration.length > 0 && (
        <div className={classes.iterations}>
          <IterationPicker run={run.id} group={group} current={step} onChoose={setAt} />
        </div>
      )}
      <ScrollArea className={panel.body} type="auto" scrollbarSize={8}>
        <div className={classes.stepBody}>
          {step ? (
            <>
              {step.state === "asking" && (
                <AnswerPanel run={run} step={step} title={title} canAnswer={!readOnly} />
              )}
              <StepDetail
                run={run.id}
                step={step}
                title={title}
                type={group?.type ?? null}
                canAct={!readOnly}
                changeable={run}
                heading="h3"
              />
              {step.state === "failed" && run.state === "failed" && !readOnly && (
                <RetryButton run={run} to={(next) => `/flows/${run.flow}?run=${next}`} />
              )}
            </>
          ) : (
            <p className={classes.quiet}>
              <Trans>The run has not come to this node.</Trans>
            </p>
          )}
        </div>
      </ScrollArea>
    </section>
  );
}

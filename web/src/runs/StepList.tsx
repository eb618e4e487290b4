import { Trans } from "@lingui/react/macro";
import { ArrowRight, ChevronDown, CopyCheck } from "lucide-react";
import { useId, useMemo, useState } from "react";
import type { Run, Step } from "~/api/contract.ts";
import type { FlowDocument } from "~/model/flow.ts";
import { useFormat } from "~/ui/format.ts";
import { NodeIcon } from "~/ui/NodeIcon.tsx";
import { IterationPicker } from "./IterationPicker.tsx";
import { useStepName } from "./name.ts";
import { useChosenStep } from "./round.ts";
import { StateMark } from "./StateMark.tsx";
import { StepDetail } from "./StepDetail.tsx";
import classes from "./step.module.css";
import { countStates, durationMs, isMany, type NodeSteps, stepsByNode } from "./step.ts";
import { flowOfRun, useWay } from "./way.ts";
import { useRunWords } from "./words.tsx";

/** Every step in order; what failed or asks is open from the start. */
export function StepList({ run, canAct }: { run: Run; canAct: boolean }) {
  const groups = useMemo(() => stepsByNode(run), [run]);
  const flow = useMemo(() => flowOfRun(run), [run]);
  if (groups.length === 0) {
    return (
      <p className={classes.none}>
        <Trans>No step has started yet.</Trans>
      </p>
    );
  }
  return (
    <ol className={classes.list}>
      {groups.map((group) => (
        <StepRow key={group.node} run={run} flow={flow} group={group} canAct={canAct} />
      ))}
    </ol>
  );
}

interface StepRowProps {
  run: Run;
  flow: FlowDocument | null;
  group: NodeSteps;
  canAct: boolean;
}

function StepRow({ run, flow, group, canAct }: StepRowProps) {
  const { type, title } = useStepName(group);
  const detailId = useId();
  const urgent = group.state === "asking" || group.state === "failed";
  const [chosen, setChosen] = useState<boolean | null>(null);
  const [iteration, setIteration] = useState<number[] | null>(null);
  const open = chosen ?? urgent;
  const step = useChosenStep(run.id, group, iteration);
  const way = useWay(flow, type, step);

  return (
    <li className={classes.item} data-state={group.state}>
      <h3 className={classes.heading}>
        <button
          type="button"
          className={classes.toggle}
          aria-expanded={open}
          aria-controls={detailId}
          onClick={() => setChosen(!open)}
        >
          <NodeIcon type={type} size={34} />
          <span className={classes.title}>
            <span className={classes.name}>{title}</span>
            {type && type.title !== title && <span className={classes.type}>{type.title}</span>}
          </span>
          <StepFacts group={group} step={step} way={way} />
          <StateMark state={group.state} />
          <ChevronDown className={classes.chevron} size={17} aria-hidden />
        </button>
      </h3>
      <div id={detailId} hidden={!open} className={classes.detail}>
        {open && step && (
          <>
            {step.iteration.length > 0 && (
              <IterationPicker run={run.id} group={group} current={step} onChoose={setIteration} />
            )}
            <StepDetail
              run={run.id}
              step={step}
              title={title}
              type={group.type}
              canAct={canAct}
              changeable={run}
            />
          </>
        )}
      </div>
    </li>
  );
}

interface StepFactsProps {
  group: NodeSteps;
  step: Step | undefined;
  way: string | null;
}

function StepFacts({ group, step, way }: StepFactsProps) {
  const format = useFormat();
  if (!step) return null;
  if (isMany(group)) return <StateCounts group={group} />;
  const lasted = durationMs(step.started_at, step.ended_at);
  return (
    <span className={classes.facts}>
      {way !== null && (
        <span className={classes.way}>
          <ArrowRight size={14} aria-hidden />
          {way}
        </span>
      )}
      {step.attempts > 1 && (
        <span>
          <Trans>Attempt {step.attempts}</Trans>
        </span>
      )}
      {step.copied && (
        <span className={classes.over}>
          <CopyCheck size={14} aria-hidden />
          <Trans>Taken over</Trans>
        </span>
      )}
      {lasted !== null && step.state !== "skipped" && <span>{format.duration(lasted)}</span>}
    </span>
  );
}

/** How often a step was done, failed, was skipped: a word and a number for each state. */
function StateCounts({ group }: { group: NodeSteps }) {
  const words = useRunWords();
  const format = useFormat();
  return (
    <span className={classes.facts}>
      <span className={classes.counts}>
        {countStates(group).map(([state, count]) => (
          <span key={state} className={classes.count}>
            {format.number(count)} {words.state(state).toLocaleLowerCase(format.locale)}
          </span>
        ))}
      </span>
    </span>
  );
}

/** The questions of a run that wait for somebody's answer, said at the top of its page. */
import { Plural, useLingui } from "@lingui/react/macro";
import { MessageCircleQuestion } from "lucide-react";
import type { Run, Step } from "~/api/contract.ts";
import { useMayAnswer } from "./answerer.ts";
import { useStepName } from "./name.ts";
import { ReplyForm } from "./ReplyForm.tsx";
import classes from "./step.module.css";
import { type NodeSteps, stepsByNode } from "./step.ts";

const isAsk = (step: Step) => step.state === "waiting" && step.waits_for?.ask !== undefined;

/** One after the other: the first one open is shown. */
export function RunAsks({ run }: { run: Run }) {
  if (run.state !== "waiting" && run.state !== "running") return null;
  const group = stepsByNode(run).find(({ steps }) => steps.some(isAsk));
  const step = group?.steps.find(isAsk);
  if (!group || !step) return null;
  const left = run.steps.filter(isAsk).length - 1;
  return <NamedAsk run={run} group={group} step={step} left={left} />;
}

interface NamedAskProps {
  run: Run;
  group: NodeSteps;
  step: Step;
  left: number;
}

function NamedAsk({ run, group, step, left }: NamedAskProps) {
  const { t } = useLingui();
  const { title } = useStepName(group);
  const mayAnswer = useMayAnswer();
  const ask = step.waits_for?.ask;
  if (!ask) return null;
  return (
    <>
      <section className={classes.question} aria-label={t`“${title}” asks`}>
        <div className={classes.message}>
          <MessageCircleQuestion size={18} aria-hidden />
          <ReplyForm
            key={step.iteration.join(".")}
            run={run.id}
            node={step.node}
            iteration={step.iteration}
            ask={ask}
            title={title}
            mayAnswer={mayAnswer(ask)}
          />
        </div>
      </section>
      {left > 0 && (
        <p className={classes.quiet}>
          <Plural value={left} one="# more question follows." other="# more questions follow." />
        </p>
      )}
    </>
  );
}

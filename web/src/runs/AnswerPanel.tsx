/** The question that only a person can answer: did the request happen or not? */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Ban, CheckCheck, CircleHelp, Send } from "lucide-react";
import { type ReactNode, useState } from "react";
import { api } from "~/api/client.ts";
import type { Outcome, Run, Step } from "~/api/contract.ts";
import { keys } from "~/api/query.ts";
import { Confirm } from "~/ui/Confirm.tsx";
import { say } from "~/ui/toast.tsx";
import { useStepName } from "./name.ts";
import classes from "./step.module.css";
import { iterationName, type NodeSteps, stepsByNode } from "./step.ts";

/** The questions of a run, one after the other: the first one open is shown. */
export function RunQuestions({ run, canAnswer }: { run: Run; canAnswer: boolean }) {
  const groups = stepsByNode(run).filter(({ state }) => state === "asking");
  const group = groups[0];
  const count = run.steps.filter(({ state }) => state === "asking").length;
  const step = group?.steps.find(({ state }) => state === "asking");
  if (!group || !step) return null;
  return (
    <NamedQuestion run={run} group={group} step={step} left={count - 1} canAnswer={canAnswer} />
  );
}

interface NamedQuestionProps {
  run: Run;
  group: NodeSteps;
  step: Step;
  left: number;
  canAnswer: boolean;
}

function NamedQuestion({ run, group, step, left, canAnswer }: NamedQuestionProps) {
  const { title } = useStepName(group);
  return (
    <>
      <AnswerPanel run={run} step={step} title={title} canAnswer={canAnswer} />
      {left > 0 && (
        <p className={classes.quiet}>
          <Plural value={left} one="# more question follows." other="# more questions follow." />
        </p>
      )}
    </>
  );
}

interface AnswerPanelProps {
  run: Pick<Run, "id">;
  step: Step;
  title: string;
  canAnswer: boolean;
  /** Which run it is about, where several stand on one page. */
  about?: string;
}

export function AnswerPanel({ run, step, title, canAnswer, about }: AnswerPanelProps) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const [asked, setAsked] = useState<Outcome | null>(null);
  const [reference, setReference] = useState("");

  const said: Record<Outcome, string> = {
    happened: t`Noted: it happened. The run goes on.`,
    resend: t`“${title}” is being sent once more.`,
    abort: t`The run ends here.`,
  };
  const answer = (outcome: Outcome) => async () => {
    await api.runs.answer(run.id, step.node, {
      outcome,
      ...(outcome === "happened" && reference.trim() !== "" && { reference: reference.trim() }),
      ...(step.iteration.length > 0 && { iteration: step.iteration }),
    });
    await queries.invalidateQueries({ queryKey: keys.runs });
    say(said[outcome]);
  };
  const questions: Record<Outcome, { title: ReactNode; body: ReactNode; action: ReactNode }> = {
    happened: {
      title: <Trans>It happened?</Trans>,
      body: (
        <Trans>
          Tramo records “{title}” as done and goes on with the next step. Nothing is sent.
        </Trans>
      ),
      action: <Trans>Yes, it happened</Trans>,
    },
    resend: {
      title: <Trans>Send it once more?</Trans>,
      body: (
        <Trans>
          Look first on the other side. If the request did arrive the first time, “{title}” will
          have happened twice.
        </Trans>
      ),
      action: <Trans>Send once more</Trans>,
    },
    abort: {
      title: <Trans>End the run here?</Trans>,
      body: <Trans>Nothing more is sent and no further step runs. This cannot be undone.</Trans>,
      action: <Trans>End the run</Trans>,
    },
  };

  return (
    <section
      className={classes.question}
      aria-label={
        about === undefined
          ? t`A question about “${title}”`
          : t`A question about “${title}”, ${about}`
      }
    >
      <p className={classes.message}>
        <CircleHelp size={18} aria-hidden />
        <span>
          {step.iteration.length > 0 && (
            <>
              <Trans>Item {iterationName(step.iteration)}:</Trans>{" "}
            </>
          )}
          <Trans>
            Did “{title}” happen? Tramo sent the request and the answer was lost. It does not repeat
            by itself what must not happen twice. Look on the other side, then say:
          </Trans>
        </span>
      </p>
      {canAnswer ? (
        <div className={classes.answers}>
          <Button leftSection={<CheckCheck size={16} />} onClick={() => setAsked("happened")}>
            <Trans>It happened</Trans>
          </Button>
          <Button
            variant="default"
            leftSection={<Send size={16} />}
            onClick={() => setAsked("resend")}
          >
            <Trans>It did not: send once more</Trans>
          </Button>
          <Button
            variant="subtle"
            color="red"
            leftSection={<Ban size={16} />}
            onClick={() => setAsked("abort")}
          >
            <Trans>End the run</Trans>
          </Button>
        </div>
      ) : (
        <p>
          <Trans>An editor or owner of the workspace can answer.</Trans>
        </p>
      )}
      {(Object.keys(questions) as Outcome[]).map((outcome) => (
        <Confirm
          key={outcome}
          opened={asked === outcome}
          onClose={() => setAsked(null)}
          onConfirm={answer(outcome)}
          dangerous={outcome !== "happened"}
          title={questions[outcome].title}
          action={questions[outcome].action}
        >
          {questions[outcome].body}
          {outcome === "happened" && (
            <TextInput
              mt="sm"
              label={t`Its number there (optional)`}
              description={t`Such as the parcel's or the payment's number. Later steps can read it.`}
              maxLength={300}
              value={reference}
              onChange={(event) => setReference(event.currentTarget.value)}
            />
          )}
        </Confirm>
      ))}
    </section>
  );
}

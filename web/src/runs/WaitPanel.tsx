/** What a step waits for, in plain words, and the way to let it wait no longer. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { FastForward, Hourglass } from "lucide-react";
import { useState } from "react";
import { api } from "~/api/client.ts";
import type { AwaitedEvent, Step } from "~/api/contract.ts";
import { keys, useCatalog } from "~/api/query.ts";
import { useFormat, useNow } from "~/ui/format.ts";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import { useMayAnswer } from "./answerer.ts";
import { ReplyForm } from "./ReplyForm.tsx";
import classes from "./step.module.css";
import { useRunWords } from "./words.tsx";

interface WaitPanelProps {
  run: string;
  step: Step;
  title: string;
  type: string | null;
  canAct: boolean;
}

export function WaitPanel({ run, step, title, type, canAct }: WaitPanelProps) {
  const { t } = useLingui();
  const mayAnswer = useMayAnswer();
  const ask = step.waits_for?.ask;
  const endless = !step.due_at && (step.waits_for?.events ?? []).length > 0;
  return (
    <section className={classes.wait} aria-label={t`What “${title}” waits for`}>
      <div className={classes.waiting}>
        <Hourglass size={16} aria-hidden />
        <div>
          <WaitWords step={step} type={type} />
        </div>
      </div>
      {ask && (
        <ReplyForm
          run={run}
          node={step.node}
          iteration={step.iteration}
          ask={ask}
          title={title}
          mayAnswer={mayAnswer(ask)}
        />
      )}
      {canAct && !ask && endless && (
        <p>
          <Trans>No time limit ends this wait. You may let the run go on without it.</Trans>
        </p>
      )}
      {canAct && !ask && (step.due_at || endless) && (
        <HurryButton run={run} step={step} title={title} />
      )}
    </section>
  );
}

/** Until when, for which events, for whose answer a step waits: a sentence for each. */
export function WaitWords({ step, type }: { step: Step; type: string | null }) {
  const ask = step.waits_for?.ask;
  const events = step.waits_for?.events ?? [];
  return (
    <>
      {events.map((event) => (
        <p key={`${event.type} ${event.kind} ${event.value} ${event.port ?? ""}`}>
          <AwaitedWords event={event} />
        </p>
      ))}
      {ask && (
        <p>
          <Trans>It waits for somebody's answer.</Trans>
        </p>
      )}
      {step.due_at ? (
        <DueWords step={step} at={step.due_at} />
      ) : (
        events.length === 0 &&
        !ask && (
          <p>
            <OpenWords step={step} type={type} />
          </p>
        )
      )}
    </>
  );
}

/** What the trigger of an awaited event is called. */
export function useEventName(): (type: string) => string {
  const { i18n } = useLingui();
  const catalog = useCatalog(i18n.locale);
  return (type) => catalog.data?.node_types.find((known) => known.type === type)?.title ?? type;
}

function AwaitedWords({ event }: { event: AwaitedEvent }) {
  const words = useRunWords();
  const name = useEventName()(event.type);
  const kind = words.keyKind(event.kind);
  if (event.port === "left") {
    return (
      <Trans>
        It stops waiting when “{name}” comes for {kind} {event.value}.
      </Trans>
    );
  }
  return (
    <Trans>
      It waits for “{name}” for {kind} {event.value}.
    </Trans>
  );
}

function DueWords({ step, at }: { step: Step; at: string }) {
  const format = useFormat();
  const now = useNow(1_000);
  const until = format.moment(at);
  const soon = format.ago(at, now);
  if (step.error) {
    return (
      <p>
        <Trans>
          It tries again {soon}, on {until}.
        </Trans>
      </p>
    );
  }
  if (step.waits_for?.ask || (step.waits_for?.events ?? []).length > 0) {
    return (
      <p>
        <Trans>
          Until {until} at the latest ({soon}).
        </Trans>
      </p>
    );
  }
  return (
    <p>
      <Trans>
        It waits until {until} ({soon}).
      </Trans>
    </p>
  );
}

function OpenWords({ step, type }: { step: Step; type: string | null }) {
  if (step.error) return <Trans>It waits until this is mended, then it tries again.</Trans>;
  if (type === "core.call_flow") return <Trans>It waits for the end of the flow it called.</Trans>;
  return <Trans>It waits for its turn.</Trans>;
}

function HurryButton({ run, step, title }: { run: string; step: Step; title: string }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [busy, setBusy] = useState(false);
  const hurry = async () => {
    setBusy(true);
    try {
      await api.runs.hurry(run, step.node, step.iteration);
      say(t`“${title}” waits no longer.`);
    } catch (problem) {
      say(problemText(problem), "problem");
    } finally {
      setBusy(false);
      await queries.invalidateQueries({ queryKey: keys.runs });
    }
  };
  return (
    <div className={classes.answers}>
      <Button
        size="xs"
        variant="default"
        leftSection={<FastForward size={15} />}
        loading={busy}
        onClick={() => void hurry()}
      >
        {step.error ? <Trans>Try again now</Trans> : <Trans>Go on now</Trans>}
      </Button>
    </div>
  );
}

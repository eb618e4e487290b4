/** One answer for many doubts, as after an outage; it says what could not be settled. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api } from "~/api/client.ts";
import type { Outcome } from "~/api/contract.ts";
import { keys } from "~/api/query.ts";
import { Confirm } from "~/ui/Confirm.tsx";
import { say } from "~/ui/toast.tsx";
import classes from "./inbox.module.css";

interface BulkAnswerBarProps {
  runs: string[];
  onDone: () => void;
}

export function BulkAnswerBar({ runs, onDone }: BulkAnswerBarProps) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const [asked, setAsked] = useState<Outcome | null>(null);

  const answer = (outcome: Outcome) => async () => {
    const { answered, refused } = await api.doubts.answer({ outcome, runs });
    await queries.invalidateQueries({ queryKey: keys.runs });
    say(t`Settled: ${answered.length}.`);
    const [first] = refused;
    if (first) say(t`Not settled: ${refused.length}. ${first.message}`, "problem");
    onDone();
  };
  const questions: Record<Outcome, { title: ReactNode; body: ReactNode; action: ReactNode }> = {
    happened: {
      title: <Trans>All of these happened?</Trans>,
      body: <Trans>Tramo records them as done and the runs go on. Nothing is sent.</Trans>,
      action: <Trans>Yes, all happened</Trans>,
    },
    resend: {
      title: <Trans>Send all of these once more?</Trans>,
      body: (
        <Trans>
          Look first on the other side. Whatever did arrive the first time will have happened twice.
        </Trans>
      ),
      action: <Trans>Send all once more</Trans>,
    },
    abort: {
      title: <Trans>End all of these runs?</Trans>,
      body: <Trans>Nothing more is sent and no further step runs. This cannot be undone.</Trans>,
      action: <Trans>End the runs</Trans>,
    },
  };

  return (
    <section className={classes.chosen} aria-label={t`Answer for the chosen runs`}>
      <strong>
        <Plural value={runs.length} one="# run chosen" other="# runs chosen" />
      </strong>
      <Button size="xs" onClick={() => setAsked("happened")}>
        <Trans>They happened</Trans>
      </Button>
      <Button size="xs" variant="default" onClick={() => setAsked("resend")}>
        <Trans>They did not: send once more</Trans>
      </Button>
      <Button size="xs" variant="subtle" color="red" onClick={() => setAsked("abort")}>
        <Trans>End the runs</Trans>
      </Button>
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
        </Confirm>
      ))}
    </section>
  );
}

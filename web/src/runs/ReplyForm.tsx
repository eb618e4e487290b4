/** A question to people: what it is about, and one button for each answer. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Text, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "~/api/client.ts";
import type { Ask } from "~/api/contract.ts";
import { isObject } from "~/api/json.ts";
import { keys } from "~/api/query.ts";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import { DataViewer } from "./data/DataViewer.tsx";
import { isContainer } from "./data/tree.ts";
import { Value } from "./data/Value.tsx";
import { asksFor, portLabel } from "./port.ts";
import classes from "./reply.module.css";

interface ReplyFormProps {
  run: string;
  node: string;
  iteration: number[];
  ask: Ask;
  /** What the step is called, where the question has no words of its own. */
  title: string;
  mayAnswer: boolean;
}

export function ReplyForm({ run, node, iteration, ask, title, mayAnswer }: ReplyFormProps) {
  const { t, i18n } = useLingui();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [comment, setComment] = useState("");
  const [busy, setBusy] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const ports = asksFor(ask);
  const to = ask.to ?? [];

  const answer = async (port: string, label: string) => {
    setBusy(port);
    setError(null);
    try {
      await api.runs.reply(run, node, {
        port,
        ...(comment.trim() !== "" && { data: { comment: comment.trim() } }),
        ...(iteration.length > 0 && { iteration }),
      });
      say(t`Answered: ${label}. The run goes on.`);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(null);
      // Answered by us or by somebody else: what is open is read again either way.
      await queries.invalidateQueries({ queryKey: keys.runs });
    }
  };

  return (
    <div className={classes.reply}>
      <QuestionText ask={ask} title={title} />
      {mayAnswer ? (
        <>
          <Textarea
            label={t`Add a word (optional)`}
            description={t`The steps after this one can read it.`}
            autosize
            minRows={1}
            maxRows={6}
            maxLength={2_000}
            value={comment}
            onChange={(event) => setComment(event.currentTarget.value)}
          />
          {error !== null && (
            <Text size="sm" c="var(--tramo-bad)" role="alert">
              {problemText(error)}
            </Text>
          )}
          <div className={classes.answers}>
            {ports.map((port, place) => {
              const named = portLabel(ask.kind, port);
              const label = typeof named === "string" ? named : i18n._(named);
              return (
                <Button
                  key={port}
                  variant={place === 0 ? "filled" : "default"}
                  loading={busy === port}
                  disabled={busy !== null && busy !== port}
                  onClick={() => void answer(port, label)}
                >
                  {label}
                </Button>
              );
            })}
          </div>
        </>
      ) : (
        <p className={classes.quiet}>
          {to.length > 0 ? (
            <Trans>Those who are asked can answer: {to.join(", ")}</Trans>
          ) : (
            <Trans>An editor or owner of the workspace can answer.</Trans>
          )}
        </p>
      )}
    </div>
  );
}

function QuestionText({ ask, title }: { ask: Ask; title: string }) {
  const { t } = useLingui();
  const { details = null } = ask;
  const said = ask.title.trim() === "" ? title : ask.title;
  const flat = isObject(details) && !Object.values(details).some(isContainer);
  return (
    <div className={classes.asked}>
      <p className={classes.title}>
        {ask.kind === "brake" ? <Trans>This is more than usual ({said}). Go on?</Trans> : said}
      </p>
      {ask.text && <p className={classes.text}>{ask.text}</p>}
      {details !== null && ask.kind !== "brake" && !flat && (
        <DataViewer value={details} label={t`Details of the question`} />
      )}
      {ask.kind !== "brake" && flat && (
        <dl className={classes.details}>
          {Object.entries(details).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <Value value={value} whole />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

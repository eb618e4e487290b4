/** What a formula gives with the data at hand, or what is wrong with it and how to cure that. */
import { Trans, useLingui } from "@lingui/react/macro";
import { UnstyledButton } from "@mantine/core";
import { writeJson } from "~/api/json.ts";
import type { Told } from "~/model/problem.ts";
import { useScope } from "../scope.ts";
import classes from "./formula.module.css";
import type { Cure, Tried } from "./tried.ts";

interface LiveValueProps {
  tried: Tried;
  /** What the check of the whole flow found here; said where trying it out says nothing. */
  problems: Told[];
  /** Why a field in it cannot be read, which says more than that it has no value. */
  lost: string | null;
  onCure: (cure: Cure) => void;
}

export function LiveValue({ tried, problems, lost, onCure }: LiveValueProps) {
  if (lost !== null) {
    return (
      <p className={classes.live} data-wrong="error" role="alert">
        {lost}
      </p>
    );
  }
  // An empty formula that nobody has come to yet is told what to do by the line itself.
  const wrong = problems.filter((problem) => problem.level !== "todo");
  return (
    <>
      <TriedLine tried={tried} onCure={onCure} />
      {tried.state !== "wrong" &&
        wrong.map((problem) => (
          <p
            key={problem.code + problem.message}
            className={classes.live}
            data-wrong={problem.level}
            role={problem.level === "error" ? "alert" : undefined}
          >
            {problem.message}
          </p>
        ))}
    </>
  );
}

function TriedLine({ tried, onCure }: Pick<LiveValueProps, "tried" | "onCure">) {
  const { t } = useLingui();
  const { readOnly } = useScope();
  if (tried.state === "wrong") {
    const { problem, cure } = tried;
    return (
      <p className={classes.live} data-wrong="error" role="status">
        <span>{problem?.message ?? t`This formula cannot be read.`}</span>
        {cure && !readOnly && (
          <UnstyledButton className={classes.cure} onClick={() => onCure(cure)}>
            <Trans>Use “{cure.insert}”</Trans>
          </UnstyledButton>
        )}
      </p>
    );
  }
  if (tried.state !== "value") {
    return (
      <p className={classes.live}>
        {tried.state === "empty" ? <Trans>Write a formula, or pick a field.</Trans> : "\u00a0"}
      </p>
    );
  }
  const { value } = tried;
  const shown = typeof value === "string" ? value : writeJson(value, 1).replaceAll(/\n\s*/g, " ");
  return (
    <p className={classes.live} role="status">
      <span className={classes.equals} aria-hidden>
        =
      </span>
      <span className={classes.value}>{shown.slice(0, 400) || <Trans>(empty text)</Trans>}</span>
      <SourceWord />
    </p>
  );
}

/** Whose data it was tried on. */
export function SourceWord() {
  const { variables } = useScope();
  const real = variables.some((it) => it.source === "run" && it.type !== null);
  const pinned = variables.some((it) => it.source === "pin");
  return (
    <span className={classes.source}>
      {pinned ? (
        <Trans>pinned data</Trans>
      ) : real ? (
        <Trans>last run</Trans>
      ) : (
        <Trans>example</Trans>
      )}
    </span>
  );
}

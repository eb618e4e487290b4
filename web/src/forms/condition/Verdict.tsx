/** Whether a condition holds with the data at hand, or why it cannot be looked at. */
import { useLingui } from "@lingui/react/macro";
import { SourceWord } from "../formula/LiveValue.tsx";
import { useTried } from "../formula/tried.ts";
import classes from "./condition.module.css";

interface VerdictProps {
  source: string;
  /** It is asked of every item of a list; the first one is at hand. */
  each: boolean;
}

export function Verdict({ source, each }: VerdictProps) {
  const { t } = useLingui();
  const tried = useTried({ $expr: source }, source);
  if (tried.state === "wrong") {
    return (
      <p className={classes.verdict} data-wrong role="status">
        {tried.problem?.message ?? t`This formula cannot be read.`}
      </p>
    );
  }
  if (tried.state !== "value" || typeof tried.value !== "boolean") return null;
  const words = each
    ? { true: t`It holds for the first item`, false: t`It does not hold for the first item` }
    : { true: t`It holds now`, false: t`It does not hold now` };
  return (
    <p className={classes.verdict} data-holds={tried.value} role="status">
      {words[`${tried.value}`]}
      <SourceWord />
    </p>
  );
}

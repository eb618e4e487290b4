/** What is wrong with a field, each in a sentence that calls fields by their titles. */
import { useLingui } from "@lingui/react/macro";
import type { Problem } from "~/api/contract.ts";
import { wordsAtField } from "~/model/problem.ts";
import { type Field, titleOf } from "~/model/schema.ts";
import classes from "./form.module.css";

interface ProblemLinesProps {
  problems: Problem[];
  /** The title of the field at which they stand. */
  title?: string;
  /** Fields that a problem may name besides. */
  fields?: Field[];
}

export function ProblemLines({ problems, title, fields = [] }: ProblemLinesProps) {
  const { t } = useLingui();
  const titles = new Map(fields.map((it) => [it.name, titleOf(it.name, it.schema)]));
  return problems.map((problem) => (
    <p
      key={problem.code + problem.message}
      className={classes.problem}
      data-level={problem.level}
      role={problem.level === "error" ? "alert" : undefined}
    >
      {problem.code === "params.pattern"
        ? t`“${String(problem.params.found)}” does not fit here. Write it as described below.`
        : wordsAtField(problem, title, titles)}
    </p>
  ));
}

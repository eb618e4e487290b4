/** What is wrong with a field, each in a sentence that calls fields by their titles. */
import { useLingui } from "@lingui/react/macro";
import { type Told, wordsAtField } from "~/model/problem.ts";
import { type Field, titleOf } from "~/model/schema.ts";
import classes from "./form.module.css";

interface ProblemLinesProps {
  problems: Told[];
  /** The title of the field at which they stand. */
  title?: string;
  /** It is a condition told in rows, in which nobody sees a formula. */
  condition?: boolean;
  /** Fields that a problem may name besides. */
  fields?: Field[];
}

export function ProblemLines(props: ProblemLinesProps) {
  const { problems, title, condition = false, fields = [] } = props;
  const { t } = useLingui();
  const titles = new Map(fields.map((it) => [it.name, titleOf(it.name, it.schema)]));
  const wordsOf = (problem: Told): string => {
    if (problem.level === "todo") return t`To fill in`;
    if (condition && problem.code === "expression.empty") {
      return t`Choose the field that is looked at, and what it is compared with.`;
    }
    if (problem.code !== "params.pattern") return wordsAtField(problem, title, titles);
    return t`“${String(problem.params.found)}” does not fit here. Write it as described below.`;
  };
  return problems.map((problem) => (
    <p
      key={problem.code + problem.message}
      className={classes.problem}
      data-level={problem.level}
      role={problem.level === "error" ? "alert" : undefined}
    >
      {wordsOf(problem)}
    </p>
  ));
}

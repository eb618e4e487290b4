/** What a formula gives with the data at hand, or what is wrong with it and how to cure that. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Problem } from "~/api/contract.ts";
import { type Json, writeJson } from "~/api/json.ts";
import { useScope } from "../scope.ts";
import classes from "./formula.module.css";

interface LiveValueProps {
  template: Json;
  source: string;
  /** What the check of the whole flow found here; said where trying it out says nothing. */
  problems: Problem[];
}

export function LiveValue(props: LiveValueProps) {
  const wrong = useTried(props);
  return (
    <>
      {wrong.line}
      {!wrong.said &&
        props.problems.map((problem) => (
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

/** What trying the formula out gives, in a line; and whether that line says what is wrong. */
function useTried({ template, source }: LiveValueProps): { line: ReactNode; said: boolean } {
  const { t } = useLingui();
  const { evaluate, variables } = useScope();
  const [asked] = useDebouncedValue(template, 350);
  const data = variables.some((it) => it.source === "run") ? "run" : "example";
  const query = useQuery({
    queryKey: ["evaluate", writeJson(asked), variables],
    queryFn: ({ signal }) => evaluate?.(asked, signal) ?? null,
    enabled: evaluate !== null && source.trim() !== "",
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
    retry: false,
  });
  const result = query.data;
  if (!result || source.trim() === "") {
    const line = (
      <p className={classes.live}>
        {source.trim() === "" ? <Trans>Write a formula, or pick a field.</Trans> : "\u00a0"}
      </p>
    );
    return { line, said: false };
  }
  if (!result.ok) {
    const [problem] = result.problems;
    const line = (
      <p className={classes.live} data-wrong="error" role="status">
        {problem?.message ?? t`This formula cannot be read.`}
      </p>
    );
    return { line, said: true };
  }
  const { value } = result;
  const shown = typeof value === "string" ? value : writeJson(value, 1).replaceAll(/\n\s*/g, " ");
  const line = (
    <p className={classes.live} role="status">
      <span className={classes.equals}>=</span>
      <span className={classes.value}>{shown.slice(0, 400) || <Trans>(empty text)</Trans>}</span>
      <span className={classes.source}>
        {data === "run" ? <Trans>last run</Trans> : <Trans>example</Trans>}
      </span>
    </p>
  );
  return { line, said: false };
}

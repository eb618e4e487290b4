/** What a formula gives with the data at hand, or what is wrong with it and how to cure that. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { type Json, writeJson } from "~/api/json.ts";
import { useScope } from "../scope.ts";
import classes from "./formula.module.css";

export function LiveValue({ template, source }: { template: Json; source: string }) {
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
    return (
      <p className={classes.live}>
        {source.trim() === "" ? <Trans>Write a formula, or pick a field.</Trans> : "\u00a0"}
      </p>
    );
  }
  if (!result.ok) {
    const [problem] = result.problems;
    return (
      <p className={classes.live} data-wrong role="status">
        {problem?.message ?? t`This formula cannot be read.`}
      </p>
    );
  }
  const { value } = result;
  const shown = typeof value === "string" ? value : writeJson(value, 1).replaceAll(/\n\s*/g, " ");
  return (
    <p className={classes.live} role="status">
      <span className={classes.equals}>=</span>
      <span className={classes.value}>{shown.slice(0, 400) || <Trans>(empty text)</Trans>}</span>
      <span className={classes.source}>
        {data === "run" ? <Trans>last run</Trans> : <Trans>example</Trans>}
      </span>
    </p>
  );
}

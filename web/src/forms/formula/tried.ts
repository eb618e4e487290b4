/** A formula tried on the data at hand while somebody writes it. */
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { ExpressionProblem } from "~/api/contract.ts";
import { type Json, writeJson } from "~/api/json.ts";
import { useScope } from "../scope.ts";
import { wrongStretch } from "./wrong.ts";

export type Tried =
  | { state: "empty" | "waiting" }
  | { state: "value"; value: Json }
  | { state: "wrong"; problem: ExpressionProblem | null; offset: number | null; cure: Cure | null };

/** One change of the source that makes the problem go away. */
export interface Cure {
  from: number;
  to: number;
  insert: string;
}

const typingMs = 300;

export function useTried(template: Json, source: string): Tried {
  const { evaluate, variables } = useScope();
  const [asked] = useDebouncedValue(template, typingMs);
  const empty = source.trim() === "";
  const { data: result } = useQuery({
    queryKey: ["evaluate", writeJson(asked), variables],
    queryFn: ({ signal }) => evaluate?.(asked, signal, variables) ?? null,
    enabled: evaluate !== null && !empty,
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
    retry: false,
  });
  return useMemo(() => {
    if (empty) return { state: "empty" };
    if (!result) return { state: "waiting" };
    if (result.ok) return { state: "value", value: result.value };
    const [problem = null] = result.problems;
    const offset = problem?.offset ?? null;
    const place = offset === null ? null : placeOf(source, offset);
    return { state: "wrong", problem, offset: place, cure: cureOf(problem, source, place) };
  }, [empty, result, source]);
}

/** The server counts characters, the editor their halves where they have two. */
function placeOf(source: string, offset: number): number {
  return [...source].slice(0, offset).join("").length;
}

/** The name that was meant, in the place of the one that does not exist. */
function cureOf(
  problem: ExpressionProblem | null,
  source: string,
  offset: number | null,
): Cure | null {
  const near = problem?.params?.near;
  const stretch = wrongStretch(source, offset);
  if (typeof near !== "string" || !/^\w+$/.test(near) || !stretch) return null;
  const wrong = problem?.params?.field ?? problem?.params?.name;
  if (source.slice(stretch.from, stretch.to) !== wrong) return null;
  return { ...stretch, insert: near };
}

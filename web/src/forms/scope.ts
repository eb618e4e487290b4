/** What every field of one form shares: problems, variables in reach, where choices come from. */
import { createContext, useContext, useMemo } from "react";
import type { Evaluated, Filter, Problem } from "~/api/contract.ts";
import type { Json } from "~/api/json.ts";
import type { Variable } from "~/model/variable.ts";

export interface FormScope {
  /** Whether fields offer formulas: params do, credentials do not. */
  formulas: boolean;
  readOnly: boolean;
  variables: Variable[];
  filters: Filter[];
  /** Problems by JSON pointer into the form's value. */
  problems: Problem[];
  /** Choice names by JSON pointer, and the connection that answers them. */
  choices: Record<string, string>;
  connection: string | null;
  /** Where params name the node's ports, as a pointer with `*`. */
  ownPorts: string | null;
  evaluate: ((template: Json, signal: AbortSignal) => Promise<Evaluated>) | null;
}

export const bareScope: FormScope = {
  formulas: false,
  readOnly: false,
  variables: [],
  filters: [],
  problems: [],
  choices: {},
  connection: null,
  ownPorts: null,
  evaluate: null,
};

export const ScopeContext = createContext<FormScope>(bareScope);

export function useScope(): FormScope {
  return useContext(ScopeContext);
}

/** The problems at a place; with `deep`, also those of everything inside it. */
export function useProblemsAt(pointer: string, deep = false): Problem[] {
  const { problems } = useScope();
  return useMemo(
    () =>
      problems.filter(({ path }) => path === pointer || (deep && path?.startsWith(`${pointer}/`))),
    [problems, pointer, deep],
  );
}

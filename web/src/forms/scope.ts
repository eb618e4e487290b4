/** What every field of one form shares: problems, variables in reach, where choices come from. */
import { createContext, useContext, useMemo } from "react";
import type { Evaluated, Filter } from "~/api/contract.ts";
import { isObject, type Json, type JsonObject } from "~/api/json.ts";
import { localVariables } from "~/model/local.ts";
import type { NodeTypes } from "~/model/port.ts";
import type { Told } from "~/model/problem.ts";
import type { Lost } from "~/model/reference.ts";
import { hintOf } from "~/model/schema.ts";
import type { Variable } from "~/model/variable.ts";

export interface FormScope {
  /** Whether fields offer formulas: params do, credentials do not. */
  formulas: boolean;
  readOnly: boolean;
  variables: Variable[];
  filters: Filter[];
  /** Problems by JSON pointer into the form's value. */
  problems: Told[];
  /** Choice names by JSON pointer, and the connection that answers them. */
  choices: Record<string, string>;
  connection: string | null;
  /** Where params name the node's ports, as a pointer with `*`. */
  ownPorts: string | null;
  /** The node types that fields may name: triggers and the business keys that they bring. */
  types: NodeTypes;
  /** The nodes inside the box that the form is about, by id and title. */
  inside: { id: string; title: string }[];
  /** Where the flow's clock hangs. */
  timezone: string;
  /** Tries a param on the data of variables, those of the form where none are named. */
  evaluate: ((template: Json, signal: AbortSignal, seen?: Variable[]) => Promise<Evaluated>) | null;
  /** Why a name cannot be read here; null where nothing is wrong with it. */
  lost?: (name: string) => Lost | null;
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
  types: new Map(),
  inside: [],
  timezone: "UTC",
  evaluate: null,
};

export const ScopeContext = createContext<FormScope>(bareScope);

/** The whole value of the form, for the few fields that depend on others. */
export const ValueContext = createContext<JsonObject>({});

export function useScope(): FormScope {
  return useContext(ScopeContext);
}

/** The problems at a place; with `deep`, also those of everything inside it. */
export function useProblemsAt(pointer: string, deep = false): Told[] {
  const { problems } = useScope();
  return useMemo(
    () =>
      problems.filter(({ path }) => path === pointer || (deep && path?.startsWith(`${pointer}/`))),
    [problems, pointer, deep],
  );
}

/** The scope of a field whose formulas see an item of a list, by whatever name that has. */
export function useLocalScope(schema: JsonObject): FormScope {
  const scope = useScope();
  const form = useContext(ValueContext);
  const { names } = hintOf(schema);
  const locals = names ? localVariables(names, isObject(form) ? form : {}, scope.variables) : null;
  return locals ? { ...scope, variables: [...locals, ...scope.variables] } : scope;
}

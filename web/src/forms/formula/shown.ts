/** What a pill says: its field in words, what is done with it, the value there is, what is wrong. */
import { useLingui } from "@lingui/react/macro";
import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { type Json, writeJson } from "~/api/json.ts";
import { briefly } from "~/model/complete.ts";
import type { ValueKind } from "~/model/formula.ts";
import { labelOfPath, wordsOfPill } from "~/model/label.ts";
import { expressionOf, type Pill, pillsIn } from "~/model/pill.ts";
import { type Lost, localNames } from "~/model/reference.ts";
import { placeAt } from "~/model/variable.ts";
import { useScope } from "../scope.ts";

export interface Shown {
  label: string;
  words: string[];
  /** The live value in a few characters; null where there is none. */
  value: string | null;
  /** Why the field cannot be read, with the cure; null where it can. */
  lost: string | null;
}

export type Describe = (source: string, pill: Pill) => Shown;

/** The sentence about a name that a formula cannot read any more. */
export function useLostText(): (lost: Lost) => string {
  const { t } = useLingui();
  return ({ label, why }) => {
    switch (why) {
      case "gone":
        return t`Nothing before this node is called “${label}”. Choose a field.`;
      case "self":
        return t`A node cannot read its own output. Choose another field.`;
      case "later":
        return t`“${label}” comes after this node. Move it before, or choose another field.`;
      case "inside":
        return t`“${label}” stands inside a loop that this node is not in. Read the loop’s results, or choose another field.`;
      case "apart":
        return t`“${label}” does not lead to this node. Connect it before, or choose another field.`;
    }
  };
}

/** How pills of a formula are shown, with values tried on the data at hand. */
export function useDescribe(source: string, kind: ValueKind): Describe {
  const { variables, lost } = useScope();
  const lostText = useLostText();
  const values = useFilteredValues(source, kind);
  return useMemo(() => {
    const locals = localNames(source);
    return (text, pill) => {
      const { root, steps } = pill.path;
      const variable = variables.find((it) => it.name === root);
      const gone = variable || locals.has(root) ? null : (lost?.(root) ?? null);
      const expression = expressionOf(text, pill);
      const value = !variable
        ? undefined
        : pill.filters.length > 0
          ? values.get(expression)
          : placeAt(variable, steps).value;
      const label = labelOfPath(pill.path, variables);
      return {
        label:
          label ??
          (gone ? labelOfGone(gone.label, steps) : text.slice(pill.path.from, pill.path.to)),
        words: wordsOfPill(pill, variables),
        value: value === undefined ? null : briefly(value),
        lost: gone ? lostText(gone) : null,
      };
    };
  }, [source, variables, lost, lostText, values]);
}

function labelOfGone(label: string, steps: (string | number)[]): string {
  return [label, ...steps.map(String)].join(" › ");
}

/** The values of pills with filters, which only the server can work out. */
function useFilteredValues(source: string, kind: ValueKind): ReadonlyMap<string, Json> {
  const { evaluate, variables } = useScope();
  const expressions = useMemo(
    () => [
      ...new Set(
        pillsIn(source, kind)
          .filter((pill) => pill.filters.length > 0)
          .map((pill) => expressionOf(source, pill)),
      ),
    ],
    [source, kind],
  );
  return useQueries({
    queries: expressions.map((expression) => ({
      queryKey: ["evaluate", writeJson({ $expr: expression }), variables],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        evaluate?.({ $expr: expression }, signal, variables) ?? null,
      enabled: evaluate !== null,
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 30_000,
      retry: false,
    })),
    combine: (results) => {
      const values = new Map<string, Json>();
      results.forEach(({ data }, at) => {
        const expression = expressions[at];
        if (expression !== undefined && data?.ok) values.set(expression, data.value);
      });
      return values;
    },
  });
}

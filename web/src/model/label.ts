/** Names for people: `order.total` is "Order › Total", in the language of the catalogue. */
import { t } from "@lingui/core/macro";
import { type DataPath, pathsIn } from "./path";
import { type Pill, wholePill } from "./pill";
import { titleOf } from "./schema";
import { partsOf } from "./token";
import { placeAt, type Variable } from "./variable";
import { wordsFor } from "./word";

const between = " › ";

/** A path's name; the path itself where nothing is known of its variable. */
export function labelOfPath(path: DataPath, variables: readonly Variable[]): string | null {
  const variable = variables.find((it) => it.name === path.root);
  if (!variable) return null;
  const words = [variable.label];
  path.steps.forEach((step, depth) => {
    if (typeof step === "string") {
      words.push(placeAt(variable, path.steps.slice(0, depth + 1)).title);
    } else {
      // "Line items (first) › SKU": the place belongs to the list, which stands before it.
      words.push(`${words.pop()} (${ordinal(step)})`);
    }
  });
  return words.join(between);
}

function ordinal(step: number): string {
  if (step === 0) return t`first`;
  if (step === -1) return t`last`;
  return step > 0 ? String(step + 1) : t`${-step} from the end`;
}

/** What a pill does with its field, in words: "in capitals", "or, if empty, “friend”". */
export function wordsOfPill(pill: Pill, variables: readonly Variable[]): string[] {
  const variable = variables.find((it) => it.name === pill.path.root);
  const steps = pill.path.steps;
  return pill.filters.map((filter) =>
    wordsFor(filter, (field) =>
      variable ? placeAt(variable, [...steps, 0, field]).title : titleOf(field, {}),
    ),
  );
}

/**
 * An expression as people read it: its paths by their labels, the rest as it stands.
 *
 * A lone path gives its label alone: `labelOf("order.total", variables)` is "Order › Total".
 */
export function labelOf(source: string, variables: readonly Variable[]): string {
  const pill = wholePill(source);
  if (pill) {
    const label = labelOfPath(pill.path, variables);
    return label === null ? source.trim() : [label, ...wordsOfPill(pill, variables)].join(", ");
  }
  let out = "";
  let at = 0;
  for (const found of pathsIn(source)) {
    const label = labelOfPath(found, variables);
    if (label === null) continue;
    out += source.slice(at, found.from) + label;
    at = found.to;
  }
  return (out + source.slice(at)).trim();
}

/** A text with slots as pieces: words as they stand, and labels where there are slots. */
export function labelledText(
  source: string,
  variables: readonly Variable[],
): { slot: boolean; text: string }[] {
  return partsOf(source).map((part) => {
    const inner = source.slice(part.innerFrom, part.innerTo);
    if (part.kind === "slot") return { slot: true, text: labelOf(inner, variables) };
    return { slot: part.kind !== "plain", text: inner };
  });
}

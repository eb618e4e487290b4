/** Which of a list's items a pill reads, in words: this one, each of them, how many, the sum. */
import { Trans, useLingui } from "@lingui/react/macro";
import { UnstyledButton } from "@mantine/core";
import { isObject } from "~/api/json.ts";
import type { ValueKind } from "~/model/formula.ts";
import { readPath } from "~/model/path.ts";
import { changeWhole, type Edit, listOf, type Pill } from "~/model/pill.ts";
import { placeAt } from "~/model/variable.ts";
import { dataKind } from "~/model/word.ts";
import { useScope } from "../scope.ts";
import classes from "./formula.module.css";

interface ListChoicesProps {
  source: string;
  kind: ValueKind;
  pill: Pill;
  onEdit: (edit: Edit) => void;
}

export function ListChoices({ source, kind, pill, onEdit }: ListChoicesProps) {
  const { t } = useLingui();
  const { variables } = useScope();
  const found = listOf(source, pill);
  const path = found && readPath(found.list);
  const variable = path && variables.find((it) => it.name === path.root);
  if (!found || !path || pill.filters.length > 0) return null;
  const list = variable ? placeAt(variable, path.steps) : null;
  const { field } = found;
  const of = (item: string) => `${found.list}${item}${field === null ? "" : rest(field)}`;
  const first = Array.isArray(list?.value) ? list.value[0] : undefined;
  const value = field !== null && isObject(first) ? first[field] : first;
  const numbers = dataKind(value) === "number";
  const named = field === null ? "" : JSON.stringify(field);
  const joined = kind === "text" ? ' | join(", ")' : "";
  const each = `${found.list}${field === null ? "" : ` | map(${named})`}${joined}`;
  const choices: [string, string, boolean?][] = [
    [t`the first`, of("[0]"), found.index === 0],
    [t`the last`, of("[-1]"), found.index === -1],
    [t`each of them`, each],
    [t`how many`, `${found.list} | length`],
    ...(numbers
      ? [[t`their sum`, `${found.list} | sum${named && `(${named})`}`] as [string, string]]
      : []),
  ];
  return (
    <fieldset className={classes.choices}>
      <legend>
        <Trans>Of the list “{list?.title ?? found.list}”</Trans>
      </legend>
      {choices.map(([title, expression, pressed = false]) => (
        <UnstyledButton
          key={title}
          className={classes.choice}
          aria-pressed={pressed}
          onClick={() => onEdit(changeWhole(pill, expression))}
        >
          {title}
        </UnstyledButton>
      ))}
    </fieldset>
  );
}

const rest = (field: string): string =>
  /^[A-Za-z]\w*$/.test(field) ? `.${field}` : `[${JSON.stringify(field)}]`;

import { useLingui } from "@lingui/react/macro";
import { NativeSelect } from "@mantine/core";
import { X } from "lucide-react";
import { isUnary, type Operator, type Test, takesList } from "~/model/condition.ts";
import { Tool } from "../RowTools.tsx";
import { useScope } from "../scope.ts";
import classes from "./condition.module.css";
import { type Nature, natureOf, operatorsFor } from "./nature.ts";
import { PlacePicker } from "./PlacePicker.tsx";
import { ValueInput } from "./ValueInput.tsx";

interface TestRowProps {
  id: string;
  test: Test;
  onChange: (test: Test) => void;
  onRemove?: () => void;
}

/** One row: a field, how it is compared, and what with. */
export function TestRow({ id, test, onChange, onRemove }: TestRowProps) {
  const { t } = useLingui();
  const { readOnly, variables } = useScope();
  const nature = natureOf(test.subject, variables);
  const words = useOperatorWords(nature);
  const offered = operatorsFor(nature);
  const operators = offered.includes(test.operator) ? offered : [...offered, test.operator];

  const choosePlace = (subject: string) => {
    const next = natureOf(subject, variables);
    const fitting = operatorsFor(next);
    // A new row begins with what is mostly asked of such a field.
    const keeps = test.subject !== "" && fitting.includes(test.operator);
    const operator = keeps ? test.operator : (fitting[0] ?? "eq");
    onChange(withOperator({ ...test, subject }, operator));
  };
  return (
    <div className={classes.row} data-unary={isUnary(test.operator) || undefined}>
      <PlacePicker id={id} label={t`Field`} place={test.subject} onPick={choosePlace} />
      <NativeSelect
        size="xs"
        className={classes.operator}
        aria-label={t`Comparison`}
        disabled={readOnly}
        value={test.operator}
        onChange={(event) => {
          onChange(withOperator(test, event.currentTarget.value as Operator));
        }}
        data={operators.map((operator) => ({ value: operator, label: words[operator] }))}
      />
      {!isUnary(test.operator) && (
        <ValueInput
          nature={nature}
          many={takesList(test.operator)}
          value={test.value}
          onChange={(value) => {
            const { value: _, ...rest } = test;
            onChange(value === undefined ? rest : { ...rest, value });
          }}
        />
      )}
      {onRemove && !readOnly && (
        <span className={classes.remove}>
          <Tool label={t`Remove this condition`} act={onRemove}>
            <X size={14} />
          </Tool>
        </span>
      )}
    </div>
  );
}

/** Keeps what was compared with, as far as the new comparison can have it. */
function withOperator(test: Test, operator: Operator): Test {
  const { value, ...rest } = test;
  const next = { ...rest, operator };
  if (isUnary(operator) || value === undefined) return next;
  if ("path" in value) return { ...next, value };
  const listed = Array.isArray(value.literal);
  if (takesList(operator)) {
    return { ...next, value: listed ? value : { literal: [value.literal] } };
  }
  if (!listed) return { ...next, value };
  const [first] = value.literal as (string | number)[];
  return first === undefined ? next : { ...next, value: { literal: first } };
}

function useOperatorWords(nature: Nature): Record<Operator, string> {
  const { t } = useLingui();
  const day = nature.kind === "date";
  return {
    eq: t`is`,
    ne: t`is not`,
    gt: day ? t`is after` : t`is more than`,
    ge: day ? t`is on or after` : t`is at least`,
    lt: day ? t`is before` : t`is less than`,
    le: day ? t`is on or before` : t`is at most`,
    in: t`is one of`,
    not_in: t`is none of`,
    contains: t`contains`,
    lacks: t`does not contain`,
    starts: t`begins with`,
    ends: t`ends with`,
    yes: t`is yes`,
    no: t`is no`,
    empty: t`is empty`,
    filled: t`is not empty`,
  };
}

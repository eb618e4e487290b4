/** What a filter still has to know, asked in words. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { isObject, type Json } from "~/api/json.ts";
import { pathExpression } from "~/model/formula.ts";
import type { Pill } from "~/model/pill.ts";
import { titleOf } from "~/model/schema.ts";
import { placeAt } from "~/model/variable.ts";
import type { Offer, Question } from "~/model/word.ts";
import { useScope } from "../scope.ts";
import classes from "./formula.module.css";

interface OfferFormProps {
  offer: Offer;
  pill: Pill;
  value: Json | undefined;
  onDone: (filter: string) => void;
  onCancel: () => void;
}

export function OfferForm({ offer, pill, value, onDone, onCancel }: OfferFormProps) {
  const { i18n } = useLingui();
  const starts = useStarts(pill, value);
  const [answers, setAnswers] = useState(() => offer.asks.map((ask) => starts(ask)));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    onDone(offer.write(answers));
  };
  return (
    <form className={classes.ask} onSubmit={submit}>
      <strong>{i18n._(offer.title)}</strong>
      {offer.asks.map((ask, index) => (
        <Answer
          key={ask.title.id}
          ask={ask}
          value={answers[index] ?? ""}
          fields={fieldsOf(value)}
          onChange={(next) => setAnswers(answers.with(index, next))}
        />
      ))}
      <div className={classes.askFoot}>
        <Button type="submit" size="compact-sm">
          <Trans>Apply</Trans>
        </Button>
        <Button size="compact-sm" variant="subtle" color="gray" onClick={onCancel}>
          <Trans>Back</Trans>
        </Button>
      </div>
    </form>
  );
}

/** What a question begins with: the currency beside the amount, the first field of the items. */
function useStarts(pill: Pill, value: Json | undefined): (ask: Question) => string {
  const { variables } = useScope();
  return (ask) => {
    if (ask.kind === "field") return fieldsOf(value)[0] ?? "";
    if (ask.kind !== "currency") return ask.start;
    const variable = variables.find((it) => it.name === pill.path.root);
    for (let depth = pill.path.steps.length - 1; variable && depth >= 0; depth -= 1) {
      const steps = pill.path.steps.slice(0, depth);
      const around = placeAt(variable, steps);
      const known = isObject(around.value) ? around.value : around.schema?.properties;
      if (isObject(known) && Object.hasOwn(known, "currency")) {
        return pathExpression(variable.name, [...steps, "currency"]);
      }
    }
    return ask.start;
  };
}

function fieldsOf(value: Json | undefined): string[] {
  const first = Array.isArray(value) ? value[0] : undefined;
  return isObject(first) ? Object.keys(first) : [];
}

interface AnswerProps {
  ask: Question;
  value: string;
  fields: string[];
  onChange: (value: string) => void;
}

function Answer({ ask, value, fields, onChange }: AnswerProps) {
  const { i18n, t } = useLingui();
  const label = i18n._(ask.title);
  if (ask.kind === "date format" || (ask.kind === "field" && fields.length > 0)) {
    const formats = [
      { value: "short", label: t`short, as 21/11/26` },
      { value: "medium", label: t`medium, as 21 Nov 2026` },
      { value: "long", label: t`long, as 21 November 2026` },
      { value: "full", label: t`full, with the day of the week` },
    ];
    const named = fields.map((field) => ({ value: field, label: titleOf(field, {}) }));
    return (
      <NativeSelect
        size="xs"
        data-autofocus
        label={label}
        value={value}
        data={ask.kind === "field" ? named : formats}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  return (
    <TextInput
      size="xs"
      data-autofocus
      label={label}
      value={value}
      inputMode={ask.kind === "number" ? "numeric" : "text"}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

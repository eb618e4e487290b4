/**
 * A choice of which of some fields says something; only that one is shown.
 *
 * What the others said is kept while the form is open, so that looking around loses nothing; the
 * document only ever holds the chosen one.
 */
import { Trans, useLingui } from "@lingui/react/macro";
import { Radio, SegmentedControl } from "@mantine/core";
import { type ReactNode, useId, useRef, useState } from "react";
import type { Json, JsonObject } from "~/api/json.ts";
import { type Field, fieldKind, hintOf, titleOf } from "~/model/schema.ts";
import classes from "./form.module.css";
import { ProblemLines } from "./ProblemLines.tsx";
import { useProblemsAt, useScope } from "./scope.ts";

interface OneOfProps {
  members: Field[];
  required: boolean;
  values: JsonObject;
  pointer: string;
  show: (member: Field) => ReactNode;
  onChange: (values: JsonObject) => void;
}

const NONE = "";
const WIDEST = 32;

const holds = (value: Json | undefined, { schema }: Field) =>
  value != null && JSON.stringify(value) !== JSON.stringify(schema.default);

export function OneOf({ members, required, values, pointer, show, onChange }: OneOfProps) {
  const { t } = useLingui();
  const { readOnly } = useScope();
  const id = useId();
  const said = members.filter((it) => holds(values[it.name], it)).map((it) => it.name);
  const [wanted, setWanted] = useState(said[0] ?? (required ? (members[0]?.name ?? NONE) : NONE));
  const kept = useRef<JsonObject>({});
  const problems = useProblemsAt(pointer).filter(({ code }) => code.endsWith("one_of"));
  // Undo, or somebody else, may have chosen meanwhile.
  const chosen = said.length === 0 || said.includes(wanted) ? wanted : (said[0] ?? wanted);
  const shown = members.filter((it) => it.name === chosen || said.includes(it.name));

  const choose = (name: string) => {
    setWanted(name);
    const next = { ...values };
    for (const member of members) {
      const present = next[member.name];
      if (member.name === name) continue;
      if (present !== undefined) kept.current[member.name] = present;
      delete next[member.name];
    }
    const field = members.find((it) => it.name === name);
    const before = kept.current[name] ?? (field && startOf(field));
    if (name !== NONE && next[name] === undefined && before !== undefined) next[name] = before;
    onChange(next);
  };
  const data = [
    ...(required ? [] : [{ value: NONE, label: t`None` }]),
    ...members.map((it) => ({ value: it.name, label: titleOf(it.name, it.schema) })),
  ];
  const label = required ? t`Exactly one of these` : t`One of these, or none`;
  const narrow = data.reduce((sum, it) => sum + it.label.length, 0) <= WIDEST;
  return (
    <div className={classes.oneOf}>
      {narrow ? (
        <SegmentedControl
          size="xs"
          fullWidth
          aria-label={label}
          readOnly={readOnly}
          data={data}
          value={chosen}
          onChange={choose}
        />
      ) : (
        <Radio.Group aria-label={label} value={chosen} readOnly={readOnly} onChange={choose}>
          <div className={classes.picks}>
            {data.map((it) => (
              <Radio
                key={it.value}
                size="xs"
                name={id}
                value={it.value}
                label={it.label}
                disabled={readOnly && it.value !== chosen}
              />
            ))}
          </div>
        </Radio.Group>
      )}
      {said.length > 1 ? (
        <p className={classes.problem} role="alert">
          <Trans>Only one of these can count. Choose which.</Trans>
        </p>
      ) : (
        <ProblemLines problems={problems} fields={members} />
      )}
      {shown.map(show)}
    </div>
  );
}

/** What a chosen field starts as: what holds parts of its own is there at once, to be filled in. */
function startOf(field: Field): Json | undefined {
  if (fieldKind(field.schema) !== "object") return undefined;
  return hintOf(field.schema).awaited ? { type: "", key: "" } : {};
}

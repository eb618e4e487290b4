import { useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, TextInput } from "@mantine/core";
import { Plus, X } from "lucide-react";
import { useRef, useState } from "react";
import { isObject, type Json } from "~/api/json.ts";
import { pointerTo } from "~/model/pointer.ts";
import { blankOf, hintOf, resolveSchema } from "~/model/schema.ts";
import { Field } from "../Field.tsx";
import classes from "../form.module.css";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";

function freshName(taken: string[], stem: string): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? stem : `${stem}_${number}`;
    if (!taken.includes(name)) return name;
  }
}

/** Names and values, in the order in which they were added. */
export function MapControl({ schema, root, pointer, value, onChange, onChangeAt }: ControlProps) {
  const { t } = useLingui();
  const words = useWords(hintOf(schema).widget);
  const { readOnly } = useScope();
  const entries = Object.entries(isObject(value) ? value : {});
  const members = schema.additionalProperties;
  const memberSchema = resolveSchema(isObject(members) ? members : {}, root);
  const put = (next: [string, Json][]) =>
    onChange(next.length > 0 ? Object.fromEntries(next) : undefined);
  const box = useRef<HTMLDivElement>(null);
  const add = () => {
    const name = freshName(
      entries.map(([other]) => other),
      words.fresh,
    );
    put([...entries, [name, members === undefined ? "" : blankOf(memberSchema, root)]]);
    // The new row is drawn by then; what is typed is its name.
    setTimeout(() => {
      const rows = box.current?.querySelectorAll<HTMLElement>(":scope > [data-row]");
      const input = rows?.[rows.length - 1]?.querySelector("input");
      input?.focus();
      input?.select();
    });
  };
  const rename = (from: string, to: string) =>
    put(entries.map(([name, member]) => [name === from ? to : name, member]));
  return (
    <div className={classes.rows} ref={box}>
      {entries.map(([name, member], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a name changes while it is typed.
        <div key={index} className={classes.group} data-row>
          <div className={classes.row}>
            <NameInput
              name={name}
              label={words.name}
              taken={entries.map(([other]) => other).filter((other) => other !== name)}
              onRename={(to) => rename(name, to)}
            />
            {!readOnly && (
              <ActionIcon
                variant="subtle"
                color="gray"
                mt={3}
                aria-label={t`Remove ${name}`}
                onClick={() => put(entries.filter(([other]) => other !== name))}
              >
                <X size={14} />
              </ActionIcon>
            )}
          </div>
          <Field
            name={name}
            schema={{ ...memberSchema, title: words.value }}
            root={root}
            pointer={pointer + pointerTo(name)}
            required={false}
            value={member}
            siblings={{}}
            onChange={(at, next) => {
              const own = at === pointer + pointerTo(name);
              onChangeAt(at, own && next === undefined ? null : next);
            }}
          />
        </div>
      ))}
      {!readOnly && (
        <Button size="compact-sm" variant="default" leftSection={<Plus size={14} />} onClick={add}>
          {words.add}
        </Button>
      )}
    </div>
  );
}

/** What names and values are called where they are something special. */
function useWords(widget: string | undefined) {
  const { t } = useLingui();
  if (widget === "keys") {
    return { name: t`Kind`, value: t`Where its value stands`, fresh: "order", add: t`Add a key` };
  }
  if (widget === "figures") {
    return { name: t`Name`, value: t`Figure`, fresh: "total", add: t`Add a figure` };
  }
  return { name: t`Name`, value: t`Value`, fresh: t`field`, add: t`Add a field` };
}

interface NameInputProps {
  name: string;
  label: string;
  taken: string[];
  onRename: (name: string) => void;
}

/** A name is taken over when one leaves the field, so that half a name never stands for another. */
function NameInput({ name, label, taken, onRename }: NameInputProps) {
  const { t } = useLingui();
  const { readOnly } = useScope();
  const [typed, setTyped] = useState(name);
  const [last, setLast] = useState(name);
  if (last !== name) {
    setLast(name);
    setTyped(name);
  }
  const doubled = taken.includes(typed);
  return (
    <TextInput
      className={classes.grow}
      aria-label={label}
      placeholder={label}
      value={typed}
      readOnly={readOnly}
      error={doubled ? t`This name is taken` : undefined}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={() => {
        if (typed === "" || doubled) setTyped(name);
        else if (typed !== name) onRename(typed);
      }}
    />
  );
}

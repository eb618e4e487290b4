/** The ways out of a node, in order: what each asks, and what it is called. */
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button } from "@mantine/core";
import { ArrowDown, ArrowUp, Plus, X } from "lucide-react";
import { isObject, type Json } from "~/api/json.ts";
import { pointerTo } from "~/model/pointer.ts";
import { blankOf, fieldsOf, resolveSchema } from "~/model/schema.ts";
import type { ControlProps } from "./control/Control.tsx";
import { Field } from "./Field.tsx";
import classes from "./form.module.css";
import { useScope } from "./scope.ts";

export function RulesControl({ schema, root, pointer, value, onChange, onChangeAt }: ControlProps) {
  const { t } = useLingui();
  const { readOnly, ownPorts } = useScope();
  const rules = Array.isArray(value) ? value : [];
  const ruleSchema = resolveSchema(isObject(schema.items) ? schema.items : {}, root);
  const portField = ownPorts?.split("/").at(-1) ?? "port";
  const fields = fieldsOf(ruleSchema, root);
  const ordered = [
    ...fields.filter((field) => field.name !== portField),
    ...fields.filter((field) => field.name === portField),
  ];
  const names = rules.map((rule) => (isObject(rule) ? rule[portField] : undefined));
  const add = () => {
    const blank = blankOf(ruleSchema, root);
    const rule: Record<string, Json> = isObject(blank) ? { ...blank } : {};
    for (let number = rules.length + 1; ; number += 1) {
      if (names.includes(`path_${number}`)) continue;
      rule[portField] = `path_${number}`;
      break;
    }
    // A way out that always or never holds is of no use: conditions start as formulas.
    if (fields.some((field) => field.name === "when")) rule.when = { $expr: "" };
    onChange([...rules, rule]);
  };
  const move = (from: number, to: number) => {
    const moved = [...rules];
    const [rule] = moved.splice(from, 1);
    moved.splice(to, 0, rule ?? null);
    onChange(moved);
  };
  return (
    <div className={classes.rows}>
      {rules.map((rule, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a rule's name changes while it is typed.
        <div key={index} className={classes.rule}>
          <div className={classes.ruleHead}>
            <span className={classes.grow}>
              {index === 0 ? <Trans>First, if</Trans> : <Trans>Otherwise, if</Trans>}
            </span>
            {!readOnly && (
              <>
                <Tool label={t`Ask earlier`} off={index === 0} act={() => move(index, index - 1)}>
                  <ArrowUp size={14} />
                </Tool>
                <Tool
                  label={t`Ask later`}
                  off={index === rules.length - 1}
                  act={() => move(index, index + 1)}
                >
                  <ArrowDown size={14} />
                </Tool>
                <Tool
                  label={t`Remove this way out`}
                  act={() => onChange(rules.filter((_, at) => at !== index))}
                >
                  <X size={14} />
                </Tool>
              </>
            )}
          </div>
          <div className={classes.rows}>
            {ordered.map((field) => (
              <Field
                key={field.name}
                {...field}
                root={root}
                pointer={pointer + pointerTo(index, field.name)}
                value={isObject(rule) ? rule[field.name] : undefined}
                onChange={onChangeAt}
              />
            ))}
          </div>
        </div>
      ))}
      {!readOnly && (
        <Button size="compact-sm" variant="default" leftSection={<Plus size={14} />} onClick={add}>
          <Trans>Add a way out</Trans>
        </Button>
      )}
    </div>
  );
}

interface ToolProps {
  label: string;
  off?: boolean;
  act: () => void;
  children: React.ReactNode;
}

function Tool({ label, off = false, act, children }: ToolProps) {
  return (
    <ActionIcon
      size={22}
      variant="subtle"
      color="gray"
      disabled={off}
      aria-label={label}
      onClick={act}
    >
      {children}
    </ActionIcon>
  );
}

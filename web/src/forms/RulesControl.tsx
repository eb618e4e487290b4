/** The ways out of a node, in order: what each asks, and what it is called. */
import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { Plus } from "lucide-react";
import { isObject, type Json } from "~/api/json.ts";
import { pointerTo } from "~/model/pointer.ts";
import { freshWay } from "~/model/port.ts";
import { blankOf, fieldsOf, resolveSchema } from "~/model/schema.ts";
import type { ControlProps } from "./control/Control.tsx";
import { ListControl } from "./control/ListControl.tsx";
import { Field } from "./Field.tsx";
import classes from "./form.module.css";
import { RowTools } from "./RowTools.tsx";
import { moved, useReorder } from "./reorder.ts";
import { useScope } from "./scope.ts";

export function RulesControl(props: ControlProps) {
  const { schema, root, pointer, value, onChange, onChangeAt } = props;
  const { readOnly, ownPorts } = useScope();
  const rules = Array.isArray(value) ? value : [];
  const ruleSchema = resolveSchema(isObject(schema.items) ? schema.items : {}, root);
  const portField = ownPorts?.split("/").at(-1) ?? "port";
  const fields = fieldsOf(ruleSchema, root);
  const ordered = [
    ...fields.filter((field) => field.name !== portField),
    ...fields.filter((field) => field.name === portField),
  ];
  const move = (from: number, to: number) => onChange(moved(rules, from, to));
  const reorder = useReorder(rules.length, move);
  // Ways out that are names and nothing else, such as the answers to a question.
  if (fields.length === 0) return <ListControl {...props} />;

  const names = rules.map((rule) => (isObject(rule) ? rule[portField] : undefined));
  const add = () => {
    const blank = blankOf(ruleSchema, root);
    const rule: Record<string, Json> = isObject(blank) ? { ...blank } : {};
    rule[portField] = freshWay(names);
    // A way out that always or never holds is of no use: conditions start as formulas.
    if (fields.some((field) => field.name === "when")) rule.when = { $expr: "" };
    onChange([...rules, rule]);
  };
  return (
    <div className={classes.rows}>
      {rules.map((rule, index) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule's name changes while it is typed.
          key={index}
          className={classes.rule}
          data-row
          data-over={reorder.over === index && reorder.from !== index ? "" : undefined}
          data-dragged={reorder.from === index || undefined}
        >
          <div className={classes.ruleHead}>
            <span className={classes.grow}>
              {index === 0 ? <Trans>First, if</Trans> : <Trans>Otherwise, if</Trans>}
            </span>
            {!readOnly && (
              <RowTools
                index={index}
                count={rules.length}
                reorder={reorder}
                onMove={move}
                onRemove={() => onChange(rules.filter((_, at) => at !== index))}
              />
            )}
          </div>
          <div className={classes.rows}>
            {ordered.map((field) => (
              <Field
                key={field.name}
                {...field}
                // A way that nobody names is called by its turn.
                required={field.required && field.name !== portField}
                root={root}
                pointer={pointer + pointerTo(index, field.name)}
                value={isObject(rule) ? rule[field.name] : undefined}
                siblings={isObject(rule) ? rule : {}}
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

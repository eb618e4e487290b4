import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button } from "@mantine/core";
import { ArrowUp, Plus, X } from "lucide-react";
import { isObject } from "~/api/json.ts";
import { pointerTo } from "~/model/pointer.ts";
import { blankOf, resolveSchema } from "~/model/schema.ts";
import { Field } from "../Field.tsx";
import classes from "../form.module.css";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";

/** Items one below the other, each a field of its own. */
export function ListControl({
  title,
  schema,
  root,
  pointer,
  value,
  onChange,
  onChangeAt,
}: ControlProps) {
  const { t } = useLingui();
  const { readOnly } = useScope();
  const items = Array.isArray(value) ? value : [];
  const itemSchema = resolveSchema(isObject(schema.items) ? schema.items : {}, root);
  const without = (index: number) => {
    const left = items.filter((_, at) => at !== index);
    onChange(left.length > 0 ? left : undefined);
  };
  const lift = (index: number) => {
    const moved = [...items];
    const [item] = moved.splice(index, 1);
    moved.splice(index - 1, 0, item ?? null);
    onChange(moved);
  };
  return (
    <div className={classes.rows}>
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: items have no identity but their place.
        <div key={index} className={classes.row}>
          <div className={classes.grow}>
            <Field
              name={`${title} ${index + 1}`}
              schema={{ ...itemSchema, title: `${title} ${index + 1}` }}
              root={root}
              pointer={pointer + pointerTo(index)}
              required={false}
              value={item}
              onChange={(at, next) => onChangeAt(at, next === undefined ? "" : next)}
              untitled
            />
          </div>
          {!readOnly && (
            <>
              <ActionIcon
                variant="subtle"
                color="gray"
                mt={4}
                disabled={index === 0}
                aria-label={t`Move item ${index + 1} up`}
                onClick={() => lift(index)}
              >
                <ArrowUp size={14} />
              </ActionIcon>
              <ActionIcon
                variant="subtle"
                color="gray"
                mt={4}
                aria-label={t`Remove item ${index + 1}`}
                onClick={() => without(index)}
              >
                <X size={14} />
              </ActionIcon>
            </>
          )}
        </div>
      ))}
      {!readOnly && (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<Plus size={14} />}
          onClick={() => onChange([...items, blankOf(itemSchema, root)])}
        >
          <Trans>Add</Trans>
        </Button>
      )}
    </div>
  );
}

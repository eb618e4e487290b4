import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button } from "@mantine/core";
import { Plus, X } from "lucide-react";
import { isObject, type Json, type JsonObject } from "~/api/json.ts";
import { pointerTo } from "~/model/pointer.ts";
import { blankOf, resolveSchema } from "~/model/schema.ts";
import { Fields } from "../Fields.tsx";
import classes from "../form.module.css";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";

/** The schema of one event, beside that of a list of them. */
function eventSchema(schema: JsonObject, root: JsonObject): JsonObject {
  const branches = Array.isArray(schema.anyOf) ? schema.anyOf.filter(isObject) : [];
  const resolved = branches.map((branch) => resolveSchema(branch, root));
  return resolved.find((branch) => isObject(branch.properties)) ?? {};
}

/** Events that are waited for; one alone may stand in the document without a list around it. */
export function EventsControl({
  schema,
  root,
  pointer,
  value,
  onChange,
  onChangeAt,
}: ControlProps) {
  const { t } = useLingui();
  const { readOnly } = useScope();
  const one = eventSchema(schema, root);
  const alone = isObject(value);
  const events: Json[] = Array.isArray(value) ? value : alone ? [value] : [];
  const add = () =>
    onChange(events.length === 0 ? blankOf(one, root) : [...events, blankOf(one, root)]);
  const remove = (index: number) => {
    const left = events.filter((_, at) => at !== index);
    onChange(left.length > 0 ? left : undefined);
  };
  return (
    <div className={classes.rows}>
      {events.map((event, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: events have no identity but their place.
        <div key={index} className={classes.group}>
          {!readOnly && (
            <ActionIcon
              className={classes.corner}
              size={22}
              variant="subtle"
              color="gray"
              aria-label={t`Remove event ${index + 1}`}
              onClick={() => remove(index)}
            >
              <X size={14} />
            </ActionIcon>
          )}
          <Fields
            schema={one}
            root={root}
            pointer={alone ? pointer : pointer + pointerTo(index)}
            value={event}
            onChange={onChangeAt}
          />
        </div>
      ))}
      {!readOnly && (
        <Button size="compact-sm" variant="default" leftSection={<Plus size={14} />} onClick={add}>
          <Trans>Add an event</Trans>
        </Button>
      )}
    </div>
  );
}

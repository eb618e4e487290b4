/** An object's fields: the rarely needed folded away, those that exclude each other in one choice. */
import { Trans } from "@lingui/react/macro";
import { Collapse, Stack, UnstyledButton } from "@mantine/core";
import { ChevronRight } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { JsonSchema } from "~/api/contract.ts";
import { isObject, type Json } from "~/api/json.ts";
import { pointerTo } from "~/model/pointer.ts";
import { type Field as FieldSpec, fieldsOf, groupOf, hintOf, isOfUse } from "~/model/schema.ts";
import { suggestFor } from "~/model/suggest.ts";
import { Field } from "./Field.tsx";
import classes from "./form.module.css";
import { OneOf } from "./OneOf.tsx";
import { useScope } from "./scope.ts";

interface FieldsProps {
  schema: JsonSchema;
  root: JsonSchema;
  pointer: string;
  value: Json | undefined;
  onChange: (pointer: string, value: Json | undefined) => void;
}

export function Fields({ schema, root, pointer, value, onChange }: FieldsProps) {
  const { problems, variables, types } = useScope();
  const values = isObject(value) ? value : {};
  const fields = fieldsOf(schema, root);
  const amiss = (name: string) => {
    const at = pointer + pointerTo(name);
    return problems.some(({ path }) => path === at || path?.startsWith(`${at}/`));
  };
  const used = fields.filter((it) => isOfUse(it, values, fields) || amiss(it.name));
  const rare = used.filter((field) => hintOf(field.schema).advanced);
  const [open, setOpen] = useState(() =>
    rare.some((field) => values[field.name] !== undefined || amiss(field.name)),
  );
  const show = (field: FieldSpec) => (
    <Field
      key={field.name}
      {...field}
      root={root}
      pointer={pointer + pointerTo(field.name)}
      value={values[field.name]}
      siblings={values}
      suggested={suggestFor(field.name, fields, values, variables, types)}
      onChange={onChange}
    />
  );
  /** A field alone; or, where its group begins, the choice among the group. */
  const place = (field: FieldSpec): ReactNode => {
    const group = groupOf(field);
    const { beside } = hintOf(field.schema);
    if (beside && fields.some((it) => it.name === beside)) return null;
    if (!group) return show(field);
    const members = fields.filter((it) => groupOf(it)?.name === group.name);
    if (members[0] !== field) return null;
    return (
      <OneOf
        key={group.name}
        members={members}
        required={group.required}
        values={values}
        pointer={pointer}
        show={(member) => [
          show(member),
          ...used.filter((it) => hintOf(it.schema).beside === member.name).map(show),
        ]}
        onChange={(next) => onChange(pointer, next)}
      />
    );
  };
  return (
    <Stack gap="md">
      {used.filter((field) => !rare.includes(field)).map(place)}
      {rare.length > 0 && (
        <div>
          <UnstyledButton
            className={classes.fold}
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            <ChevronRight size={14} data-open={open || undefined} />
            <Trans>More settings</Trans>
          </UnstyledButton>
          <Collapse expanded={open}>
            <Stack gap="md" mt="sm">
              {rare.map(show)}
            </Stack>
          </Collapse>
        </div>
      )}
    </Stack>
  );
}

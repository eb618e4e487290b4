/** One renderer for every form that a JSON Schema describes: params and credentials alike. */
import { Trans } from "@lingui/react/macro";
import { Collapse, Stack, UnstyledButton } from "@mantine/core";
import { ChevronRight } from "lucide-react";
import { useEffect, useState } from "react";
import type { JsonSchema } from "~/api/contract.ts";
import { isObject, type Json } from "~/api/json.ts";
import { pointerTo } from "~/model/pointer.ts";
import { type Field as FieldSpec, fieldsOf, hintOf } from "~/model/schema.ts";
import { Field } from "./Field.tsx";
import classes from "./form.module.css";
import { preloadEditor } from "./formula/FormulaField.tsx";
import { bareScope, type FormScope, ScopeContext, useScope } from "./scope.ts";

export interface SchemaFormProps {
  schema: JsonSchema;
  value: Json | undefined;
  /** A place in the value changed; `undefined` means that nothing is said there any more. */
  onChange: (pointer: string, value: Json | undefined) => void;
  scope?: FormScope;
}

export function SchemaForm({ schema, value, onChange, scope = bareScope }: SchemaFormProps) {
  useEffect(() => {
    if (scope.formulas) preloadEditor();
  }, [scope.formulas]);
  return (
    <ScopeContext value={scope}>
      <Fields schema={schema} root={schema} pointer="" value={value} onChange={onChange} />
    </ScopeContext>
  );
}

interface FieldsProps {
  schema: JsonSchema;
  root: JsonSchema;
  pointer: string;
  value: Json | undefined;
  onChange: (pointer: string, value: Json | undefined) => void;
}

/** An object's fields, the rarely needed ones folded away until they hold something. */
export function Fields({ schema, root, pointer, value, onChange }: FieldsProps) {
  const { problems } = useScope();
  const values = isObject(value) ? value : {};
  const fields = fieldsOf(schema, root);
  const rare = fields.filter((field) => hintOf(field.schema).advanced);
  const inUse = rare.some(
    (field) =>
      values[field.name] !== undefined ||
      problems.some((it) => it.path?.startsWith(pointer + pointerTo(field.name))),
  );
  const [open, setOpen] = useState(inUse);
  const show = (field: FieldSpec) => {
    const at = pointer + pointerTo(field.name);
    return (
      <Field
        key={field.name}
        {...field}
        root={root}
        pointer={at}
        value={values[field.name]}
        onChange={onChange}
      />
    );
  };
  return (
    <Stack gap="md">
      {fields.filter((field) => !rare.includes(field)).map(show)}
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

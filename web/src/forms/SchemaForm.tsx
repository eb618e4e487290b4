/** One renderer for every form that a JSON Schema describes: params and credentials alike. */
import { useEffect } from "react";
import type { JsonSchema } from "~/api/contract.ts";
import { isObject, type Json } from "~/api/json.ts";
import { readAt } from "~/model/pointer.ts";
import { Fields } from "./Fields.tsx";
import { preloadEditor } from "./formula/FormulaField.tsx";
import { bareScope, type FormScope, ScopeContext, ValueContext } from "./scope.ts";

export interface SchemaFormProps {
  schema: JsonSchema;
  value: Json | undefined;
  /** A place in the value changed; `undefined` means that nothing is said there any more. */
  onChange: (pointer: string, value: Json | undefined) => void;
  scope?: FormScope;
  /** The place in the value that the schema describes; its whole where left out. */
  under?: string;
}

export function SchemaForm(props: SchemaFormProps) {
  const { schema, value, onChange, scope = bareScope, under = "" } = props;
  useEffect(() => {
    if (scope.formulas) preloadEditor();
  }, [scope.formulas]);
  return (
    <ScopeContext value={scope}>
      <ValueContext value={isObject(value) ? value : {}}>
        <Fields
          schema={schema}
          root={schema}
          pointer={under}
          value={readAt(value, under)}
          onChange={onChange}
        />
      </ValueContext>
    </ScopeContext>
  );
}

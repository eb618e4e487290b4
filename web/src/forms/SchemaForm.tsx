/** One renderer for every form that a JSON Schema describes: params and credentials alike. */
import { useEffect } from "react";
import type { JsonSchema } from "~/api/contract.ts";
import { isObject, type Json } from "~/api/json.ts";
import { Fields } from "./Fields.tsx";
import { preloadEditor } from "./formula/FormulaField.tsx";
import { bareScope, type FormScope, ScopeContext, ValueContext } from "./scope.ts";

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
      <ValueContext value={isObject(value) ? value : {}}>
        <Fields schema={schema} root={schema} pointer="" value={value} onChange={onChange} />
      </ValueContext>
    </ScopeContext>
  );
}

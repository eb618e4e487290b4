/** A field's literal value, in the widget of its kind. */
import type { JsonSchema } from "~/api/contract.ts";
import type { Json, JsonObject } from "~/api/json.ts";
import { type FieldKind, hintOf } from "~/model/schema.ts";
import { RulesControl } from "../RulesControl.tsx";
import { useScope } from "../scope.ts";
import { DynamicChoice } from "./DynamicChoice.tsx";
import { widgetOf } from "./registry.ts";

export interface ControlProps {
  id: string;
  title: string;
  kind: FieldKind;
  schema: JsonSchema;
  root: JsonSchema;
  pointer: string;
  required: boolean;
  invalid: boolean;
  value: Json | undefined;
  /** The object that the field is part of. */
  siblings: JsonObject;
  onChange: (value: Json | undefined) => void;
  /** A change inside this value, for controls made of further fields. */
  onChangeAt: (pointer: string, value: Json | undefined) => void;
}

/** A pointer with list places as `*`, as the catalogue writes it. */
export function patternOf(pointer: string): string {
  return pointer.replace(/\/\d+(?=\/|$)/g, "/*");
}

export function Control(props: ControlProps) {
  const { kind, schema, pointer } = props;
  const { choices, ownPorts } = useScope();
  const offered = choices[pointer] ?? choices[patternOf(pointer)] ?? hintOf(schema).choices;
  if (offered && kind !== "list") return <DynamicChoice {...props} choices={offered} />;
  if (kind === "list" && ownPorts?.startsWith(`${pointer}/*/`)) return <RulesControl {...props} />;
  const { Control: Widget } = widgetOf(kind);
  return <Widget {...props} />;
}

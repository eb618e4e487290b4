/** The literal control of each kind of field. */
import { Switch } from "@mantine/core";
import type { JsonSchema } from "~/api/contract.ts";
import { isObject, type Json } from "~/api/json.ts";
import { type FieldKind, hintOf } from "~/model/schema.ts";
import classes from "../form.module.css";
import { RulesControl } from "../RulesControl.tsx";
import { Fields } from "../SchemaForm.tsx";
import { useScope } from "../scope.ts";
import { AnyControl } from "./AnyControl.tsx";
import { ChoiceControl } from "./ChoiceControl.tsx";
import { DurationControl } from "./DurationControl.tsx";
import { DynamicChoice } from "./DynamicChoice.tsx";
import { ListControl } from "./ListControl.tsx";
import { MapControl } from "./MapControl.tsx";
import { NumberControl } from "./NumberControl.tsx";
import { TextControl } from "./TextControl.tsx";

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
  onChange: (value: Json | undefined) => void;
  /** A change inside this value, for controls made of further fields. */
  onChangeAt: (pointer: string, value: Json | undefined) => void;
}

/** A choice's pointer with list places as `*`, as the catalogue writes it. */
function patternOf(pointer: string): string {
  return pointer.replace(/\/\d+(?=\/|$)/g, "/*");
}

export function Control(props: ControlProps) {
  const { kind, schema, pointer, value } = props;
  const scope = useScope();
  const choices =
    scope.choices[pointer] ?? scope.choices[patternOf(pointer)] ?? hintOf(schema).choices;
  if (choices && scope.connection && kind !== "list") {
    return <DynamicChoice {...props} choices={choices} connection={scope.connection} />;
  }
  switch (kind) {
    case "boolean":
      return (
        <Switch
          id={props.id}
          size="sm"
          disabled={scope.readOnly}
          checked={(value ?? schema.default) === true}
          onChange={(event) => props.onChange(event.currentTarget.checked)}
        />
      );
    case "integer":
    case "number":
      if (hintOf(schema).widget === "duration") return <DurationControl {...props} />;
      return <NumberControl {...props} />;
    case "choice":
      return <ChoiceControl {...props} />;
    case "list":
      if (scope.ownPorts?.startsWith(`${pointer}/*/`)) return <RulesControl {...props} />;
      return <ListControl {...props} />;
    case "map":
      return <MapControl {...props} />;
    case "object":
      return (
        <div className={classes.group}>
          <Fields
            schema={schema}
            root={props.root}
            pointer={pointer}
            value={isObject(value) ? value : {}}
            onChange={props.onChangeAt}
          />
        </div>
      );
    case "any":
      return <AnyControl {...props} />;
    default:
      return <TextControl {...props} />;
  }
}

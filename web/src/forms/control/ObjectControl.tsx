import { isObject } from "~/api/json.ts";
import { Fields } from "../Fields.tsx";
import classes from "../form.module.css";
import type { ControlProps } from "./Control.tsx";

/** Fields inside a field. */
export function ObjectControl({ schema, root, pointer, value, onChangeAt }: ControlProps) {
  return (
    <div className={classes.group}>
      <Fields
        schema={schema}
        root={root}
        pointer={pointer}
        value={isObject(value) ? value : {}}
        onChange={onChangeAt}
      />
    </div>
  );
}

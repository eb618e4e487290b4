import { useLingui } from "@lingui/react/macro";
import { NativeSelect, Switch } from "@mantine/core";
import { useState } from "react";
import { isLosslessNumber, isObject, type Json } from "~/api/json.ts";
import classes from "../form.module.css";
import type { ControlProps } from "./Control.tsx";
import { JsonControl } from "./JsonControl.tsx";
import { NumberControl } from "./NumberControl.tsx";
import { TextControl } from "./TextControl.tsx";

type Shape = "text" | "number" | "boolean" | "nothing" | "json";

function shapeOf(value: Json | undefined): Shape {
  if (value === undefined || typeof value === "string") return "text";
  if (typeof value === "number" || isLosslessNumber(value)) return "number";
  if (typeof value === "boolean") return "boolean";
  if (value === null) return "nothing";
  return Array.isArray(value) || isObject(value) ? "json" : "text";
}

const starts: Record<Shape, Json> = { text: "", number: 0, boolean: true, nothing: null, json: {} };

/** A value of any kind: one says which, then fills it in. */
export function AnyControl(props: ControlProps) {
  const { t } = useLingui();
  // An emptied field stays the kind that it was.
  const [last, setLast] = useState(() => shapeOf(props.value));
  const shape = props.value === undefined ? last : shapeOf(props.value);
  return (
    <div className={classes.row}>
      <NativeSelect
        aria-label={t`Kind of value`}
        className={classes.shape}
        value={shape}
        onChange={(event) => {
          const next = event.currentTarget.value as Shape;
          setLast(next);
          props.onChange(starts[next]);
        }}
        data={[
          { value: "text", label: t`Text` },
          { value: "number", label: t`Number` },
          { value: "boolean", label: t`Yes or no` },
          { value: "nothing", label: t`Nothing` },
          { value: "json", label: "JSON" },
        ]}
      />
      <div className={classes.grow}>
        {shape === "text" && (
          <TextControl {...props} kind="text" onChange={(next) => props.onChange(next ?? "")} />
        )}
        {shape === "number" && <NumberControl {...props} kind="number" />}
        {shape === "boolean" && (
          <Switch
            id={props.id}
            mt={8}
            checked={props.value === true}
            onChange={(event) => props.onChange(event.currentTarget.checked)}
          />
        )}
        {shape === "json" && <JsonControl {...props} />}
      </div>
    </div>
  );
}

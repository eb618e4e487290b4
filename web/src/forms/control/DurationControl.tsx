import { useLingui } from "@lingui/react/macro";
import { NativeSelect } from "@mantine/core";
import { useState } from "react";
import classes from "../form.module.css";
import type { ControlProps } from "./Control.tsx";
import { NumberControl } from "./NumberControl.tsx";

const units = [86_400, 3_600, 60, 1];

/** Seconds, typed in the unit that people would use. */
export function DurationControl(props: ControlProps) {
  const { t } = useLingui();
  const seconds = typeof props.value === "number" ? props.value : 0;
  const fitting = units.find((it) => seconds > 0 && seconds % it === 0) ?? 1;
  const [unit, setUnit] = useState(fitting);
  const shown = typeof props.value === "number" ? seconds / unit : props.value;
  return (
    <div className={classes.row}>
      <div className={classes.grow}>
        <NumberControl
          {...props}
          value={shown}
          onChange={(value) => props.onChange(typeof value === "number" ? value * unit : value)}
        />
      </div>
      <NativeSelect
        aria-label={t`Unit`}
        value={unit}
        onChange={(event) => {
          const next = Number(event.currentTarget.value);
          setUnit(next);
          if (typeof shown === "number") props.onChange(Math.round(shown * next));
        }}
        data={[
          { value: "1", label: t`seconds` },
          { value: "60", label: t`minutes` },
          { value: "3600", label: t`hours` },
          { value: "86400", label: t`days` },
        ]}
      />
    </div>
  );
}

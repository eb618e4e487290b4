import { useLingui } from "@lingui/react/macro";
import { NativeSelect } from "@mantine/core";
import { useState } from "react";
import type { Json } from "~/api/json.ts";
import { durationInWords, largestUnit, unitsOf } from "~/ui/duration.ts";
import { useFormat } from "~/ui/format.ts";
import classes from "../form.module.css";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";
import { NumberControl } from "./NumberControl.tsx";

const secondsOf = (value: Json | undefined) => (typeof value === "number" ? value : null);

/** Seconds, typed in the unit that people would use, and said in words. */
export function DurationControl(props: ControlProps) {
  const { t } = useLingui();
  const { readOnly } = useScope();
  const { locale } = useFormat();
  const seconds = secondsOf(props.value);
  const usual = secondsOf(props.schema.default);
  const [unit, setUnit] = useState(() => largestUnit(seconds ?? usual ?? 60));
  const shown = seconds === null ? props.value : seconds / unit;
  const words = durationInWords(seconds ?? usual ?? 0, locale);
  const plain = seconds !== null && largestUnit(seconds) === unit;
  const put = (value: Json | undefined, next: number) => {
    // A text is what could not be read.
    const unread = value === undefined || typeof value === "string";
    const number = unread ? Number.NaN : Number(value);
    props.onChange(Number.isFinite(number) ? Math.round(number * next) : value);
  };
  return (
    <>
      <div className={classes.row}>
        <div className={classes.grow}>
          <NumberControl
            {...props}
            kind="number"
            schema={usual === null ? {} : { default: usual / unit }}
            value={shown}
            onChange={(value) => put(value, unit)}
          />
        </div>
        <NativeSelect
          aria-label={t`Unit`}
          className={classes.units}
          value={String(unit)}
          disabled={readOnly}
          onChange={(event) => {
            const next = Number(event.currentTarget.value);
            setUnit(next);
            if (typeof shown === "number") put(shown, next);
          }}
          data={unitsOf({
            second: t`seconds`,
            minute: t`minutes`,
            hour: t`hours`,
            day: t`days`,
          })}
        />
      </div>
      {seconds !== null && seconds > 0 && !plain && (
        <p className={classes.help}>{t`That is ${words}.`}</p>
      )}
    </>
  );
}

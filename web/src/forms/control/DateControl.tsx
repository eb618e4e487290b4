import { Trans, useLingui } from "@lingui/react/macro";
import { NativeSelect, TextInput } from "@mantine/core";
import classes from "../form.module.css";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";
import { TextControl } from "./TextControl.tsx";

/** A day. */
export function DateControl({ id, value, invalid, onChange }: ControlProps) {
  const { readOnly } = useScope();
  return (
    <TextInput
      id={id}
      type="date"
      readOnly={readOnly}
      error={invalid}
      value={typeof value === "string" ? value : ""}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
    />
  );
}

interface Moment {
  day: string;
  time: string;
  /** Nothing for the flow's own clock. */
  offset: string;
}

const written = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** The parts of a point in time; null for what is none. */
export function readMoment(text: string): Moment | null {
  if (text === "") return { day: "", time: "", offset: "" };
  const [, day, time = "", offset = ""] = written.exec(text) ?? [];
  return day === undefined ? null : { day, time, offset };
}

function writeMoment({ day, time, offset }: Moment): string | undefined {
  if (day === "") return undefined;
  if (time === "" && offset === "") return day;
  return `${day}T${time || "00:00"}${offset && `:00${offset}`}`;
}

/** A day, or a day and a time on a clock that is said. */
export function MomentControl(props: ControlProps) {
  const { id, value, invalid, onChange } = props;
  const { t } = useLingui();
  const { readOnly, timezone } = useScope();
  const moment = readMoment(typeof value === "string" ? value : "");
  if (moment === null) return <TextControl {...props} kind="text" />;
  const put = (part: Partial<Moment>) => onChange(writeMoment({ ...moment, ...part }));
  const offsets = [...new Set(["", "Z", moment.offset])];
  return (
    <div className={classes.moment}>
      <TextInput
        id={id}
        type="date"
        aria-label={t`Day`}
        readOnly={readOnly}
        error={invalid}
        value={moment.day}
        onChange={(event) => put({ day: event.currentTarget.value })}
      />
      <TextInput
        type="time"
        aria-label={t`Time`}
        readOnly={readOnly || moment.day === ""}
        value={moment.time}
        onChange={(event) =>
          put({
            time: event.currentTarget.value,
            ...(!event.currentTarget.value && { offset: "" }),
          })
        }
      />
      <NativeSelect
        aria-label={t`Clock`}
        disabled={readOnly || moment.time === ""}
        value={moment.offset}
        onChange={(event) => put({ offset: event.currentTarget.value })}
        data={offsets.map((offset) => ({
          value: offset,
          label: offset === "" ? t`The flow's clock: ${timezone}` : offset === "Z" ? "UTC" : offset,
        }))}
      />
      {moment.day !== "" && moment.time === "" && (
        <p className={classes.help}>
          <Trans>Without a time, the day begins at midnight.</Trans>
        </p>
      )}
    </div>
  );
}

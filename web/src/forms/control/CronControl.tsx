import { useLingui } from "@lingui/react/macro";
import { Chip, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { readCron, type Schedule, writeCron } from "~/model/cron.ts";
import { useFormat } from "~/ui/format.ts";
import classes from "../form.module.css";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";

type Kind = Schedule["every"] | "rule";

const starts: Record<Schedule["every"], Schedule> = {
  minutes: { every: "minutes", count: 15 },
  hour: { every: "hour", minute: 0 },
  day: { every: "day", times: ["09:00"] },
  week: { every: "week", days: [1, 2, 3, 4, 5], time: "09:00" },
  month: { every: "month", day: 1, time: "09:00" },
};

/** Fixed times in words; what words cannot say stays a cron rule. */
export function CronControl(props: ControlProps) {
  const { id, value, invalid, onChange } = props;
  const { t } = useLingui();
  const { readOnly } = useScope();
  const rule = typeof value === "string" ? value : "";
  const schedule = readCron(rule);
  const [plain, setPlain] = useState(rule !== "" && schedule === null);
  const kind: Kind | "" = plain || (rule !== "" && !schedule) ? "rule" : (schedule?.every ?? "");
  const choose = (next: Kind) => {
    setPlain(next === "rule");
    if (next !== "rule") onChange(writeCron(starts[next]));
  };
  return (
    <div className={classes.rows}>
      <NativeSelect
        id={id}
        aria-label={props.title}
        value={kind}
        disabled={readOnly}
        error={invalid && kind === ""}
        onChange={(event) => choose(event.currentTarget.value as Kind)}
        data={[
          ...(kind === "" ? [{ value: "", label: t`Choose how often` }] : []),
          { value: "minutes", label: t`Every few minutes` },
          { value: "hour", label: t`Every hour` },
          { value: "day", label: t`Every day` },
          { value: "week", label: t`On days of the week` },
          { value: "month", label: t`Every month` },
          { value: "rule", label: t`By a cron rule` },
        ]}
      />
      {kind === "rule" ? (
        <TextInput
          className={classes.mono}
          aria-label={t`Cron rule`}
          placeholder="0 9 * * 1-5"
          spellCheck={false}
          readOnly={readOnly}
          error={invalid}
          value={rule}
          onChange={(event) => onChange(event.currentTarget.value || undefined)}
        />
      ) : (
        schedule && (
          <ScheduleFields
            schedule={schedule}
            readOnly={readOnly}
            onChange={(next) => onChange(writeCron(next))}
          />
        )
      )}
    </div>
  );
}

interface ScheduleFieldsProps {
  schedule: Schedule;
  readOnly: boolean;
  onChange: (schedule: Schedule) => void;
}

function ScheduleFields({ schedule, readOnly, onChange }: ScheduleFieldsProps) {
  const { t } = useLingui();
  const count = (label: string, value: number, most: number, put: (value: number) => void) => (
    <NumberInput
      size="sm"
      label={label}
      min={most === 59 && schedule.every === "hour" ? 0 : 1}
      max={most}
      clampBehavior="strict"
      allowDecimal={false}
      readOnly={readOnly}
      value={value}
      onChange={(next) => typeof next === "number" && put(next)}
    />
  );
  const time = (value: string, put: (value: string) => void) => (
    <TextInput
      type="time"
      label={t`At`}
      readOnly={readOnly}
      value={value}
      onChange={(event) => event.currentTarget.value && put(event.currentTarget.value)}
    />
  );
  switch (schedule.every) {
    case "minutes":
      return count(t`Minutes between two starts`, schedule.count, 59, (next) =>
        onChange({ ...schedule, count: next }),
      );
    case "hour":
      return count(t`Minutes past the hour`, schedule.minute, 59, (minute) =>
        onChange({ ...schedule, minute }),
      );
    case "day":
      return <DayTimes times={schedule.times} readOnly={readOnly} onChange={onChange} />;
    case "week":
      return (
        <>
          <Weekdays
            days={schedule.days}
            readOnly={readOnly}
            onChange={(days) => onChange({ ...schedule, days })}
          />
          {time(schedule.time, (next) => onChange({ ...schedule, time: next }))}
        </>
      );
    case "month":
      return (
        <div className={classes.pair}>
          {count(t`Day of the month`, schedule.day, 31, (day) => onChange({ ...schedule, day }))}
          {time(schedule.time, (next) => onChange({ ...schedule, time: next }))}
        </div>
      );
  }
}

interface DayTimesProps {
  times: string[];
  readOnly: boolean;
  onChange: (schedule: Schedule) => void;
}

/** The hours of a day; a cron rule has the same minute for all of them. */
function DayTimes({ times, readOnly, onChange }: DayTimesProps) {
  const { t } = useLingui();
  const [first = "09:00", ...others] = times;
  const minute = first.slice(3);
  const put = (next: string[]) => onChange({ every: "day", times: next });
  return (
    <div className={classes.pair}>
      <TextInput
        type="time"
        label={t`At`}
        readOnly={readOnly}
        value={first}
        onChange={(event) => {
          const { value } = event.currentTarget;
          if (value) put([value, ...others.map((it) => `${it.slice(0, 3)}${value.slice(3)}`)]);
        }}
      />
      <NativeSelect
        label={t`And again at`}
        disabled={readOnly}
        value={others[0] ?? ""}
        onChange={(event) => {
          const { value } = event.currentTarget;
          put(value ? [first, value, ...others.slice(1)] : [first]);
        }}
        data={[
          { value: "", label: t`Once a day` },
          ...Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, "0")}:${minute}`)
            .filter((it) => it !== first)
            .map((it) => ({ value: it, label: it })),
        ]}
      />
    </div>
  );
}

interface WeekdaysProps {
  days: number[];
  readOnly: boolean;
  onChange: (days: number[]) => void;
}

/** A Sunday, from which the names of the days are taken. */
const SUNDAY = Date.UTC(2026, 10, 22);
const DAY_MS = 86_400_000;

export function Weekdays({ days, readOnly, onChange }: WeekdaysProps) {
  const { t } = useLingui();
  const { locale } = useFormat();
  const named = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" });
  // The week begins on Monday wherever our languages are spoken.
  const shown = [1, 2, 3, 4, 5, 6, 0];
  return (
    <Chip.Group
      multiple
      value={days.map(String)}
      onChange={(next) => next.length > 0 && onChange(next.map(Number))}
    >
      <fieldset className={classes.days} aria-label={t`Days of the week`} disabled={readOnly}>
        {shown.map((day) => (
          <Chip key={day} value={String(day)} size="xs" radius="sm">
            {named.format(new Date(SUNDAY + day * DAY_MS))}
          </Chip>
        ))}
      </fieldset>
    </Chip.Group>
  );
}

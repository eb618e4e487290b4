import { useLingui } from "@lingui/react/macro";
import { Select, TextInput } from "@mantine/core";
import { useFormat, useNow } from "~/ui/format.ts";
import { type Asked, dayOf, type Period } from "./filter.ts";
import classes from "./runs.module.css";

interface PeriodFieldsProps {
  asked: Asked;
  onChange: (changes: Pick<Asked, "period" | "from" | "to">) => void;
}

/** When the runs began: lately, or between two moments of the reader's own clock. */
export function PeriodFields({ asked, onChange }: PeriodFieldsProps) {
  const { t } = useLingui();
  const { period, from, to } = asked;
  const { locale } = useFormat();
  const now = useNow(60_000);
  const lately: { value: Period; label: string }[] = [
    { value: "1h", label: t`The last hour` },
    { value: "24h", label: t`The last 24 hours` },
    { value: "7d", label: t`The last 7 days` },
    { value: "30d", label: t`The last 30 days` },
  ];
  const day = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
  const named = (value: Period) => {
    const text = day.format(new Date(`${value}T12:00`));
    return { value, label: text.charAt(0).toLocaleUpperCase(locale) + text.slice(1) };
  };
  const days = [
    { value: dayOf(now, 0), label: t`Today` },
    { value: dayOf(now, 1), label: t`Yesterday` },
    ...[2, 3, 4, 5, 6, 7].map((before) => named(dayOf(now, before))),
  ];
  const known = [...lately, ...days].some(({ value }) => value === period);
  const choices = [
    { group: t`Lately`, items: lately },
    {
      group: t`One day`,
      items: known || period === null || period === "own" ? days : [...days, named(period)],
    },
    { group: t`Other`, items: [{ value: "own", label: t`From … to …` }] },
  ];
  return (
    <>
      <Select
        className={classes.period}
        aria-label={t`Began`}
        placeholder={t`Any time`}
        clearable
        maxDropdownHeight={420}
        data={choices}
        value={period}
        onChange={(value) => onChange({ period: value as Period | null, from, to })}
      />
      {period === "own" && (
        <div className={classes.span}>
          <TextInput
            type="datetime-local"
            aria-label={t`From`}
            value={toLocal(from)}
            onChange={(event) =>
              onChange({ period, from: toInstant(event.currentTarget.value), to })
            }
          />
          <TextInput
            type="datetime-local"
            aria-label={t`To`}
            value={toLocal(to)}
            onChange={(event) =>
              onChange({ period, from, to: toInstant(event.currentTarget.value) })
            }
          />
        </div>
      )}
    </>
  );
}

/** An instant as the field wants it: on the reader's clock, without a zone. */
function toLocal(instant: string | null): string {
  if (instant === null) return "";
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return "";
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

const toInstant = (local: string): string | null =>
  local === "" ? null : new Date(local).toISOString();

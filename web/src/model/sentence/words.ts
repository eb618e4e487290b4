/** The language in which sentences are said: texts of the catalogue, lists, lengths of time. */
import type { I18n, MessageDescriptor } from "@lingui/core";

export interface Words {
  say: (message: MessageDescriptor, values?: Readonly<Record<string, string | number>>) => string;
  /** "a, b and c". */
  list: (items: readonly string[]) => string;
  /** "2 hours", "1 day and 6 hours". */
  duration: (seconds: number) => string;
  /** "Monday", for 1; Sunday is 0. */
  weekday: (day: number) => string;
}

const units: [string, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];
/** A Sunday. */
const sunday_ms = Date.UTC(2026, 10, 1, 12);
const day_ms = 86_400_000;

export function wordsOf(i18n: I18n): Words {
  const { locale } = i18n;
  const lists = new Intl.ListFormat(locale, { type: "conjunction" });
  const days = new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" });
  const unit = (value: number, name: string) =>
    new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "long" }).format(value);
  return {
    say(message, values) {
      const said: MessageDescriptor = { ...message, values: { ...values } };
      return i18n._(said);
    },
    list: (items) => lists.format(items),
    duration(seconds) {
      let rest = seconds;
      const said: string[] = [];
      for (const [name, length] of units) {
        const count = length === 1 ? rest : Math.floor(rest / length);
        rest -= count * length;
        if (count > 0) said.push(unit(count, name));
      }
      return said.length === 0 ? unit(0, "second") : lists.format(said);
    },
    weekday: (day) => days.format(new Date(sunday_ms + (day % 7) * day_ms)),
  };
}

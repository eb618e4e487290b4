/** Dates, durations and numbers as people of the interface's language write them. */
import { useLingui } from "@lingui/react";
import { useEffect, useState } from "react";

/** The full locale behind each language that we speak. */
const locales: Record<string, string> = { en: "en-GB", es: "es-ES", pt: "pt-BR", ro: "ro-RO" };

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const steps: [unit: "day" | "hour" | "minute" | "second", ms: number][] = [
  ["day", DAY_MS],
  ["hour", HOUR_MS],
  ["minute", MINUTE_MS],
  ["second", SECOND_MS],
];

function once<Made>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

export function createFormat(language: string) {
  const locale = locales[language] ?? language;
  // Each takes the browser milliseconds, and a page's first picture has use for few of them.
  const relative = once(() => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
  const dates = (style: Intl.DateTimeFormatOptions) =>
    once(() => new Intl.DateTimeFormat(locale, style));
  const moment = dates({ dateStyle: "medium", timeStyle: "medium" });
  const time = dates({ timeStyle: "medium" });
  const day = dates({ dateStyle: "medium" });
  const count = once(() => new Intl.NumberFormat(locale));
  const unit = (value: number, name: string, digits = 0) =>
    new Intl.NumberFormat(locale, {
      style: "unit",
      unit: name,
      unitDisplay: "narrow",
      maximumFractionDigits: digits,
    }).format(value);

  return {
    locale,
    number: (value: number) => count().format(value),
    /** A number as text, to its last digit, with the decimal sign that people write. */
    decimal: (exact: string) => exact.replace(".", count().format(1.5).charAt(1)),
    time: (instant: string) => time().format(new Date(instant)),
    day: (instant: string) => day().format(new Date(instant)),
    /** A moment on the clocks of a zone, with the day of the week. */
    inZone: (instant: string, timeZone: string) =>
      new Intl.DateTimeFormat(locale, {
        weekday: "short",
        day: "numeric",
        month: "short",
        year: "numeric",
        hour: "2-digit",
        minute: "2-digit",
        timeZone,
      }).format(new Date(instant)),
    moment: (instant: string) => moment().format(new Date(instant)),

    /** "3 minutes ago" within a week, a date beyond. */
    ago(instant: string, nowMs: number): string {
      const elapsedMs = new Date(instant).getTime() - nowMs;
      const size = Math.abs(elapsedMs);
      if (size >= 7 * DAY_MS) return day().format(new Date(instant));
      if (size < 5 * SECOND_MS) return relative().format(0, "second");
      const [name, ms] = steps.find(([, length]) => size >= length) ?? ["second", SECOND_MS];
      return relative().format(Math.trunc(elapsedMs / ms), name);
    },

    /** "640ms", "2.3s", "3m 5s": at most the two largest units. */
    duration(durationMs: number): string {
      if (durationMs < SECOND_MS) return unit(Math.max(0, Math.round(durationMs)), "millisecond");
      if (durationMs < 10 * SECOND_MS) return unit(durationMs / SECOND_MS, "second", 1);
      let rest = Math.round(durationMs / SECOND_MS) * SECOND_MS;
      const words: string[] = [];
      for (const [name, ms] of steps) {
        const count = Math.floor(rest / ms);
        rest -= count * ms;
        if (count > 0) words.push(unit(count, name));
        else if (words.length > 0) break;
        if (words.length === 2) break;
      }
      return words.join(" ");
    },
  };
}

export type Format = ReturnType<typeof createFormat>;

const formats = new Map<string, Format>();

/** The format of a language, made once: every edge on a canvas reads it. */
function formatOf(language: string): Format {
  const known = formats.get(language);
  if (known) return known;
  const made = createFormat(language);
  formats.set(language, made);
  return made;
}

export function useFormat(): Format {
  return formatOf(useLingui().i18n.locale);
}

/** The present moment, renewed often enough for what is shown beside it. */
export function useNow(everyMs = 15_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

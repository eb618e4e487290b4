/** Schedules as people say them, and the cron rules that mean the same. */

export type Schedule =
  | { every: "minutes"; count: number }
  | { every: "hour"; minute: number }
  | { every: "day"; times: string[] }
  /** Days as cron counts them: 0 is Sunday. */
  | { every: "week"; days: number[]; time: string }
  | { every: "month"; day: number; time: string };

const two = (value: number | string) => String(value).padStart(2, "0");

/** The schedule that a cron rule means; null for one that has to stay a rule. */
export function readCron(rule: string): Schedule | null {
  const fields = rule.trim().split(/\s+/);
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = fields;
  if (fields.length !== 5 || month !== "*") return null;
  const free = day === "*" && weekday === "*";
  const count = /^\*\/(\d+)$/.exec(minute)?.[1];
  if (count && free && hour === "*") return { every: "minutes", count: Number(count) };
  if (!isNumber(minute, 59)) return null;
  if (hour === "*") return free ? { every: "hour", minute: Number(minute) } : null;
  const hours = hour.split(",");
  if (!hours.every((it) => isNumber(it, 23))) return null;
  const times = hours.map((it) => `${two(it)}:${two(minute)}`);
  const [time = ""] = times;
  if (free) return { every: "day", times };
  if (times.length > 1) return null;
  if (weekday === "*") return isNumber(day, 31) ? { every: "month", day: Number(day), time } : null;
  const days = day === "*" ? readDays(weekday) : null;
  return days && { every: "week", days, time };
}

export function writeCron(schedule: Schedule): string {
  switch (schedule.every) {
    case "minutes":
      return `*/${schedule.count} * * * *`;
    case "hour":
      return `${schedule.minute} * * * *`;
    case "day": {
      const [minute] = parts(schedule.times[0] ?? "09:00").slice(1);
      return `${minute} ${schedule.times.map((time) => parts(time)[0]).join(",")} * * *`;
    }
    case "week": {
      const [hour, minute] = parts(schedule.time);
      return `${minute} ${hour} * * ${writeDays(schedule.days)}`;
    }
    case "month": {
      const [hour, minute] = parts(schedule.time);
      return `${minute} ${hour} ${schedule.day} * *`;
    }
  }
}

function parts(time: string): number[] {
  return time.split(":").map(Number);
}

function isNumber(text: string, most: number): boolean {
  return /^\d{1,2}$/.test(text) && Number(text) <= most;
}

const named = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

function readDay(text: string): number | null {
  const name = named.indexOf(text.toLowerCase());
  if (name >= 0) return name;
  return isNumber(text, 7) ? Number(text) % 7 : null;
}

function readDays(field: string): number[] | null {
  const days = new Set<number>();
  for (const part of field.split(",")) {
    const [from, to, more] = part.split("-").map(readDay);
    if (from == null || to === null || more !== undefined) return null;
    const last = to === undefined ? from : to < from ? to + 7 : to;
    for (let day = from; day <= last; day += 1) days.add(day % 7);
  }
  return [...days].sort((left, right) => left - right);
}

/** Days in a row as one range, as cron rules are usually written. */
function writeDays(days: number[]): string {
  const sorted = [...days].sort((left, right) => left - right);
  const [first = 1] = sorted;
  const last = sorted.at(-1) ?? first;
  if (sorted.length > 2 && last - first === sorted.length - 1) return `${first}-${last}`;
  return sorted.join(",");
}

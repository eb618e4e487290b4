/** The cron rules that people use, in words. */
import { msg } from "@lingui/core/macro";
import type { Words } from "./words";

const number = /^\d{1,2}$/;

/** A cron rule in words; null for one that is not of the plain kinds. */
export function sayCron(rule: string, words: Words): string | null {
  const [minute = "", hour = "", day, month, weekday = "", ...more] = rule.trim().split(/\s+/);
  if (more.length > 0 || month !== "*" || weekday === "") return null;
  if (hour === "*" && day === "*" && weekday === "*") {
    const step = /^\*\/(\d{1,2})$/.exec(minute)?.[1];
    if (step)
      return words.say(msg({ message: "every {time}" }), {
        time: words.duration(Number(step) * 60),
      });
    return number.test(minute)
      ? words.say(msg({ message: "every hour at minute {minute}" }), { minute })
      : null;
  }
  if (!number.test(minute) || !number.test(hour)) return null;
  const time = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  if (day === "*" && weekday === "*")
    return words.say(msg({ message: "every day at {time}" }), { time });
  if (day === "*") {
    if (weekday === "1-5")
      return words.say(msg({ message: "on working days at {time}" }), { time });
    if (!/^[0-7](,[0-7])*$/.test(weekday)) return null;
    const days = words.list(weekday.split(",").map((it) => words.weekday(Number(it))));
    return words.say(msg({ message: "every {days} at {time}" }), { days, time });
  }
  if (weekday === "*" && day && number.test(day)) {
    return words.say(msg({ message: "on day {day} of each month at {time}" }), { day, time });
  }
  return null;
}

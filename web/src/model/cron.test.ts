import fc from "fast-check";
import { expect, test } from "vitest";
import { readCron, type Schedule, writeCron } from "./cron";

const minute = fc.integer({ min: 0, max: 59 });
const hour = fc.integer({ min: 0, max: 23 });
const two = (value: number) => String(value).padStart(2, "0");
const time = fc.tuple(hour, minute).map(([h, m]) => `${two(h)}:${two(m)}`);
const schedule: fc.Arbitrary<Schedule> = fc.oneof(
  fc.record({ every: fc.constant("minutes" as const), count: fc.integer({ min: 1, max: 59 }) }),
  fc.record({ every: fc.constant("hour" as const), minute }),
  fc.tuple(fc.uniqueArray(hour, { minLength: 1, maxLength: 3 }), minute).map(([hours, m]) => ({
    every: "day" as const,
    times: hours.map((h) => `${two(h)}:${two(m)}`),
  })),
  fc.record({
    every: fc.constant("week" as const),
    days: fc
      .uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 })
      .map((days) => days.sort((left, right) => left - right)),
    time,
  }),
  fc.record({ every: fc.constant("month" as const), day: fc.integer({ min: 1, max: 31 }), time }),
);

test("what was said in words is read again from its rule", () => {
  fc.assert(
    fc.property(schedule, (said) => {
      expect(readCron(writeCron(said))).toEqual(said);
    }),
  );
});

test("working days are a range, and Sunday may be called 0 or 7", () => {
  expect(writeCron({ every: "week", days: [1, 2, 3, 4, 5], time: "09:00" })).toBe("0 9 * * 1-5");
  expect(readCron("0 9 * * 7")).toEqual({ every: "week", days: [0], time: "09:00" });
  expect(readCron("30 8 * * mon,wed-fri")).toMatchObject({ days: [1, 3, 4, 5] });
});

test.each(["0 9 1 1 *", "0-5 * * * *", "0 9 * * 1#2", "0 9 L * *", "* * * * *", "nonsense"])(
  "the rule %s stays a rule",
  (rule) => expect(readCron(rule)).toBeNull(),
);

/** The bench of the editor: real Chromium, a real server, one result as JSON. */
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { measureDrag, measureTyping } from "./hand.ts";
import { measureLive } from "./live.ts";
import { measurePaint } from "./paint.ts";
import { measurePan } from "./pan.ts";
import type { Row } from "./row.ts";
import { Stage } from "./stage.ts";
import { measureWeight } from "./weight.ts";

const cases = {
  weight: measureWeight,
  paint: measurePaint,
  pan: measurePan,
  typing: measureTyping,
  drag: measureDrag,
  live: measureLive,
};
const wanted = (process.env.TRAMO_BENCH_CASES ?? "").split(",").filter((it) => it !== "");
const rows: Row[] = [];
let stage: Stage;

beforeAll(async () => {
  stage = await Stage.set();
});
afterAll(async () => {
  await stage?.clear();
  const result = JSON.stringify({ load: loadavg()[0], rows }, null, 2);
  const file = process.env.TRAMO_BENCH_RESULT;
  if (file === undefined) process.stdout.write(`${result}\n`);
  else writeFileSync(file, result);
});

for (const [name, measure] of Object.entries(cases)) {
  test.runIf(wanted.length === 0 || wanted.includes(name))(name, async () => {
    const found = await measure(stage);
    rows.push(...found);
    expect(found.length).toBeGreaterThan(0);
  });
}

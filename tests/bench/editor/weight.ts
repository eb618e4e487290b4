/** How much script comes before the first picture of a flow. */
import { gzipSync } from "node:zlib";
import type { Response } from "playwright-core";
import { type Row, told } from "./row.ts";
import type { Stage } from "./stage.ts";

export async function measureWeight(stage: Stage): Promise<Row[]> {
  const page = await stage.open();
  const scripts: Promise<Buffer>[] = [];
  const hear = (answer: Response) => {
    if (answer.request().resourceType() === "script") scripts.push(answer.body());
  };
  page.on("response", hear);
  await page.goto("/flows/flow_big1000");
  await page.locator(".react-flow__node").first().waitFor();
  // What comes from here on is not waited for, and would be cut off.
  page.off("response", hear);
  const bytes = (await Promise.all(scripts)).reduce((sum, it) => sum + gzipSync(it).length, 0);
  await page.context().close();
  // What a flow cannot be drawn without is held to its bar by a story: e2e/weight.test.ts.
  return [told("script come until a flow is drawn, fetched ahead or not", bytes / 1_024, "KB")];
}

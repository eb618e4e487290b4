/** How much script comes before the first picture of a flow. */
import { gzipSync } from "node:zlib";
import { atMost, type Row } from "./row.ts";
import type { Stage } from "./stage.ts";

export async function measureWeight(stage: Stage): Promise<Row[]> {
  const page = await stage.open();
  const scripts: Promise<Buffer>[] = [];
  page.on("response", (answer) => {
    if (answer.request().resourceType() === "script") scripts.push(answer.body());
  });
  await page.goto("/flows/flow_big1000");
  await page.locator(".react-flow__node").first().waitFor();
  const bytes = (await Promise.all(scripts)).reduce((sum, it) => sum + gzipSync(it).length, 0);
  await page.context().close();
  return [atMost("script until a flow is drawn, compressed", bytes / 1_024, "KB", 300)];
}

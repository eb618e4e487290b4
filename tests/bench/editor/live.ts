/** A run of 1,000 steps, as fast as the server does them, watched on the canvas. */
import { until } from "../../e2e/kit/server.ts";
import { bigFlow } from "./flow.ts";
import { atMost, type Row, told } from "./row.ts";
import type { Stage } from "./stage.ts";
import { median, quantile, record } from "./trace.ts";

const wait_s = 6;

export async function measureLive(stage: Stage): Promise<Row[]> {
  const document = bigFlow("flow_live1000", 1_000);
  document.nodes[1] = { id: "n1", type: "core.wait", params: { seconds: wait_s } };
  await stage.server.ask("POST", "/flows", { document });
  const event = { id: 7, total: 1_000_000 };
  const { run } = await stage.server.ask("POST", "/flows/flow_live1000/runs", { event });
  const page = await stage.openFlow(`flow_live1000?run=${run}`);
  const seen = await record(page, async () => {
    await until(
      "the run ends",
      async () => (await stage.server.ask("GET", `/runs/${run}`)).state === "succeeded",
      60_000,
    );
    await page.waitForTimeout(1_000);
  });
  const steps = await stage.server.ask("GET", `/runs/${run}/steps?limit=200`);
  const ends = steps.items.map((it: { ended_at: string }) => Date.parse(it.ended_at));
  await page.context().close();
  const rate = 199_000 / Math.max(1, Math.max(...ends.slice(3)) - Math.min(...ends.slice(3)));
  return [
    told("live run of 1,000 steps: steps a second", rate, ""),
    atMost("  tasks of more than 50 ms of processor time", seen.longTasks.length, "", 0),
    atMost("  a frame (median)", median(seen.frames), "ms", 17.5),
    told("  a frame (p95)", quantile(seen.frames, 0.95), "ms"),
    told("  processor time of a frame (p95)", quantile(seen.cpu, 0.95), "ms"),
  ];
}

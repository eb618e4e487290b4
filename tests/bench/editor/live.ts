/** Runs of 1,000 steps that do 1,000 steps a second together, one of them watched on the canvas. */
import type { Page } from "playwright-core";
import { until } from "../../e2e/kit/server.ts";
import { bigFlow, type Edge, type Node } from "./flow.ts";
import { atMost, type Row, told } from "./row.ts";
import type { Stage } from "./stage.ts";
import { median, quantile, type Recorded, record } from "./trace.ts";

const count = 1_000;
/** So long the runs wait for the page that is to see them. */
const before_s = 8;
/** A run does its steps as fast as it can, and waits for a second after each fifth of them. */
const parts = 5;
const between_s = 1;
/** So many that start one after the other make 1,000 steps of each second, and some to spare. */
const runs = 10;
const event = { id: 7, total: 1_000_000 };

export async function measureLive(stage: Stage): Promise<Row[]> {
  await stage.server.ask("POST", "/flows", { document: pacedFlow() });
  const near = await watch(stage, async () => {});
  const far = await watch(stage, async (page) => {
    await page.getByRole("button", { name: "Show the whole flow" }).click();
    await page.waitForTimeout(1_000);
  });
  return [...rowsOf("1,000 steps watched", near), ...rowsOf("the same, whole flow in sight", far)];
}

/** A flow whose nodes run one after the other, in parts. */
function pacedFlow() {
  const document = bigFlow("flow_live1000", count);
  const nodes = document.nodes.map((node, index): Node => {
    if (index === 1) return wait(node.id, before_s);
    return index > 1 && index % (count / parts) === 0 ? wait(node.id, between_s) : node;
  });
  const edges = nodes.slice(1).map((node, index): Edge => {
    const from = nodes[index] as Node;
    const port = from.type === "core.branch" ? { port: "big" } : {};
    return { from: from.id, to: node.id, ...port };
  });
  return { ...document, nodes, edges };
}

const wait = (id: string, seconds: number): Node => ({
  id,
  type: "core.wait",
  params: { seconds },
});

interface Watched {
  /** While steps ended, and what the page still had to do about the last of them. */
  seen: Recorded;
  rate: number;
}

async function watch(stage: Stage, look: (page: Page) => Promise<void>): Promise<Watched> {
  const ids: string[] = [];
  for (let at = 0; at < runs; at += 1) {
    const { run } = await stage.server.ask("POST", "/flows/flow_live1000/runs", { event });
    ids.push(run);
    await pause((between_s * 1_000) / runs);
  }
  const page = await stage.openFlow(`flow_live1000?run=${ids[0]}`);
  await look(page);
  const seen = await record(page, async () => {
    for (const id of ids) {
      await until(
        "the run ends",
        async () => (await stage.server.ask("GET", `/runs/${id}`)).state === "succeeded",
        60_000,
      );
    }
    await page.waitForTimeout(1_000);
  });
  await page.context().close();
  const ends = (await Promise.all(ids.map((id) => endsOf(stage, id))))
    .flat()
    .toSorted((left, right) => left - right);
  const [first = 0, last = 0] = [ends[0], ends.at(-1)];
  const rate = (ends.length * 1_000) / Math.max(1, last - first);
  return { seen: seen.between(first, last + 300), rate };
}

const pause = (duration_ms: number) => new Promise((resume) => setTimeout(resume, duration_ms));

/** When the steps of a run ended that came after its first wait. */
async function endsOf(stage: Stage, run: string): Promise<number[]> {
  const ends: number[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const rest: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await stage.server.ask("GET", `/runs/${run}/steps?limit=200${rest}`);
    ends.push(...page.items.map((it: { ended_at: string }) => Date.parse(it.ended_at)));
    cursor = page.next ?? null;
  }
  return ends.toSorted((left, right) => left - right).slice(2);
}

function rowsOf(what: string, { seen, rate }: Watched): Row[] {
  return [
    told(`live run, ${what}: steps a second`, rate, ""),
    atMost("  tasks of more than 50 ms of processor time", seen.longTasks.length, "", 0),
    atMost("  a frame (median)", median(seen.frames), "ms", 17.5),
    told("  a frame (p95)", quantile(seen.frames, 0.95), "ms"),
    told("  processor time of a frame (median)", median(seen.cpu), "ms"),
    told("  processor time of a frame (p95)", quantile(seen.cpu, 0.95), "ms"),
  ];
}

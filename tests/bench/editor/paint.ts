/** From the address to a flow of 1,000 nodes on the screen. */
import type { Page } from "playwright-core";
import { atMost, type Row, told } from "./row.ts";
import type { Stage } from "./stage.ts";
import { median, tasksBetween, trace } from "./trace.ts";

const repeats = 5;
const settled_ms = 2_500;

export async function measurePaint(stage: Stage): Promise<Row[]> {
  const cold: Drawn[] = [];
  const warm: Drawn[] = [];
  await firstLook(await stage.open(), true);
  for (let round = 0; round < repeats; round += 1) {
    const page = await stage.open();
    await page.addInitScript(watchNodes);
    cold.push(await firstLook(page));
    warm.push(await firstLook(page));
    await page.context().close();
  }
  const of = (all: Drawn[], what: keyof Drawn) => median(all.map((it) => it[what]));
  return [
    atMost("1,000 nodes drawn, nothing cached", of(cold, "at_ms"), "ms", 1_000),
    told("  main thread's processor time of that", of(cold, "cpu_ms"), "ms"),
    atMost("1,000 nodes drawn, second visit", of(warm, "at_ms"), "ms", 1_000),
    told("  main thread's processor time of that", of(warm, "cpu_ms"), "ms"),
    told("  nodes on the screen", of(warm, "nodes"), ""),
  ];
}

interface Drawn {
  at_ms: number;
  cpu_ms: number;
  nodes: number;
}

/** Notes at each frame how many nodes are drawn. Runs in the page, before anything else does. */
function watchNodes(): void {
  let before = 0;
  performance.mark("bench-open");
  const look = () => {
    const drawn = [...document.querySelectorAll<HTMLElement>(".react-flow__node")];
    const nodes = drawn.filter((it) => it.style.visibility !== "hidden").length;
    if (nodes !== before) performance.mark(`bench-nodes-${nodes}`);
    before = nodes;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

async function firstLook(page: Page, only = false): Promise<Drawn> {
  const go = async () => {
    await page.goto("/flows/flow_big1000");
    await page.locator(".react-flow__node").first().waitFor();
    await page.waitForTimeout(settled_ms);
  };
  if (only) {
    await go();
    await page.context().close();
    return { at_ms: 0, cpu_ms: 0, nodes: 0 };
  }
  const events = await trace(page, go);
  const last = await page.evaluate(() => {
    const marks = performance.getEntriesByType("mark");
    const drawn = marks.filter((mark) => mark.name.startsWith("bench-nodes-"));
    const end = drawn.at(-1);
    return { name: end?.name ?? "", at_ms: end?.startTime ?? 0 };
  });
  const tasks = tasksBetween(events, "bench-open", last.name);
  return {
    at_ms: last.at_ms,
    cpu_ms: tasks.reduce((sum, it) => sum + it.ms, 0),
    nodes: Number(last.name.replace("bench-nodes-", "")),
  };
}

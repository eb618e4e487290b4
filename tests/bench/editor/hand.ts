/** What a person does with a large flow: types a name, drags a node. */
import type { Page } from "playwright-core";
import { atMost, type Row, told } from "./row.ts";
import type { Stage } from "./stage.ts";
import { median, quantile, type Recorded, record } from "./trace.ts";

const text = "The quick brown fox jumps over the dog";
/** People type in bursts: within the pauses the editor checks, keeps and saves what they did. */
const between_ms = [60, 60, 130, 90, 170, 60, 330, 80, 60, 800];
const node = "n42";
const worded = "n43";
const moves = 90;
const settled_ms = 1_500;

export async function measureTyping(stage: Stage): Promise<Row[]> {
  const named = await typeInto(stage, node, "input");
  const told = await typeInto(stage, worded, ".cm-content");
  return [...rowsOf("a node's name", named), ...rowsOf("a text with data in it", told)];
}

interface Typed {
  took: number[];
  seen: Recorded;
}

async function typeInto(stage: Stage, id: string, field: string): Promise<Typed> {
  const page = await stage.openFlow("flow_big1000");
  await page.getByTestId(`node-${id}`).click();
  const writing = page.locator(`[data-panel] ${field}`).first();
  await writing.waitFor();
  await page.waitForTimeout(settled_ms);
  // Where the words end, not on the data within them: a click there opens its menu.
  const room = await writing.boundingBox();
  await writing.click({ position: { x: (room?.width ?? 0) - 4, y: 12 } });
  await page.evaluate(timeKeys);
  const seen = await record(page, async () => {
    for (const [index, letter] of [...text].entries()) {
      await page.keyboard.press(letter === " " ? "Space" : letter);
      await page.waitForTimeout(between_ms[index % between_ms.length] ?? 0);
    }
  });
  const took = await page.evaluate(
    () => (globalThis as unknown as { keyTimes: number[] }).keyTimes,
  );
  await page.context().close();
  return { took, seen };
}

function rowsOf(what: string, { took, seen }: Typed): Row[] {
  return [
    atMost(`typing ${what} at 1,000 nodes: from key to paint (median)`, median(took), "ms", 50),
    atMost("  from key to paint (p95)", quantile(took, 0.95), "ms", 50),
    told("  processor time of a key, checks and saves included", seen.busy / text.length, "ms"),
    told("  tasks of more than 50 ms", seen.longTasks.length, ""),
  ];
}

/** Notes how long each key takes until what it did is painted. Runs in the page. */
function timeKeys(): void {
  const times: number[] = [];
  (globalThis as unknown as { keyTimes: number[] }).keyTimes = times;
  addEventListener(
    "keydown",
    (event) => {
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => times.push(performance.now() - event.timeStamp);
        channel.port2.postMessage(null);
      });
    },
    true,
  );
}

export async function measureDrag(stage: Stage): Promise<Row[]> {
  const page = await stage.openFlow("flow_big1000");
  const seen = await record(page, () => drag(page));
  await page.context().close();
  return [
    atMost("drag at 1,000 nodes: a frame (median)", median(seen.frames), "ms", 17.5),
    atMost("drag at 1,000 nodes: a frame (p95)", quantile(seen.frames, 0.95), "ms", 25),
    told("  processor time of a frame (median)", median(seen.cpu), "ms"),
    told("  processor time of a frame (p95)", quantile(seen.cpu, 0.95), "ms"),
  ];
}

async function drag(page: Page): Promise<void> {
  const box = await page.getByTestId(`node-${node}`).boundingBox();
  if (!box) throw new Error("The node is out of sight.");
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let step = 1; step <= moves; step += 1) {
    const turn = (step / moves) * Math.PI * 2;
    await page.mouse.move(x + 90 * Math.sin(turn), y + 90 * Math.sin(2 * turn));
  }
  await page.mouse.up();
}

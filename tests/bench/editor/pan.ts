/** The canvas pulled about: with and without the minimap, close by and far away. */
import type { Page } from "playwright-core";
import { atMost, type Row, told } from "./row.ts";
import type { Stage } from "./stage.ts";
import { median, quantile, record } from "./trace.ts";

const frame_ms = 17.5;
const steps = 90;

export async function measurePan(stage: Stage): Promise<Row[]> {
  const rows: Row[] = [];
  const small = await stage.openFlow("flow_big1000");
  rows.push(...(await pan(small, "1,000 nodes", 25)));
  await small.getByRole("button", { name: "Show the map" }).click();
  rows.push(...(await pan(small, "1,000 nodes with the minimap", 40)));
  await small.context().close();
  const large = await stage.openFlow("flow_big2000");
  rows.push(...(await pan(large, "2,000 nodes", 25)));
  await large.getByRole("button", { name: "Show the whole flow" }).click();
  await large.waitForTimeout(1_500);
  rows.push(...(await pan(large, "2,000 nodes, as many as fit on the screen", 40)));
  await large.context().close();
  return rows;
}

async function pan(page: Page, what: string, most: number): Promise<Row[]> {
  const seen = await record(page, () => pull(page));
  return [
    atMost(`pan, ${what}: a frame (median)`, median(seen.frames), "ms", frame_ms),
    atMost(`pan, ${what}: a frame (p95)`, quantile(seen.frames, 0.95), "ms", most),
    told("  processor time of a frame (median)", median(seen.cpu), "ms"),
    told("  processor time of a frame (p95)", quantile(seen.cpu, 0.95), "ms"),
  ];
}

/** Pulls the empty canvas to and fro, as fast as a hand does. */
export async function pull(page: Page): Promise<void> {
  const input = await page.context().newCDPSession(page);
  const send = (type: "mousePressed" | "mouseMoved" | "mouseReleased", x: number, y: number) =>
    input.send("Input.dispatchMouseEvent", {
      type,
      x,
      y,
      button: "left",
      buttons: 1,
      clickCount: 1,
    });
  const [x, y] = await emptyPlace(page);
  await send("mousePressed", x, y);
  for (let step = 1; step <= steps; step += 1) {
    const turn = (step / steps) * Math.PI * 4;
    await send("mouseMoved", x - 500 * Math.sin(turn), y - 250 * Math.sin(turn * 0.7));
  }
  await send("mouseReleased", x, y);
  await input.detach();
}

/** A point of the canvas on which nothing is drawn. */
async function emptyPlace(page: Page): Promise<[number, number]> {
  return page.evaluate(() => {
    for (let y = 300; y < 700; y += 7) {
      for (let x = 700; x < 1_200; x += 11) {
        const hit = document.elementFromPoint(x, y);
        if (hit?.classList.contains("react-flow__pane")) return [x, y] as [number, number];
      }
    }
    throw new Error("The canvas is full.");
  });
}

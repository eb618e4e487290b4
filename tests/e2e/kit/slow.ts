/**
 * A slow machine, on purpose: `TRAMO_E2E_SLOW=5` is one five times slower.
 *
 * What a story waits for must come all the same, only later; and nothing that people did meanwhile
 * may be lost.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { BrowserContext, Page } from "playwright-core";

/** How many times slower than this machine; 1 is as it is. */
export const slowness = Math.max(1, Number(process.env.TRAMO_E2E_SLOW ?? 1) || 1);

/** How long anything may take that is certain to come: on a loaded machine, long. */
export const patience_ms = slowness > 1 ? 90_000 : 30_000;

const between = (least: number, most: number) => least + Math.random() * (most - least);

/** Slows down what the windows of a context run and fetch. */
export async function slowDown(context: BrowserContext): Promise<void> {
  if (slowness === 1) return;
  // Parts come in any order; the page can be used as soon as the first of them are there.
  await context.route(/\/assets\/.*\.js$/, async (route) => {
    await pause(between(1_000, 3_000));
    await route.fallback().catch(() => {});
  });
  await context.route("**/api/v1/**", async (route) => {
    await pause(between(0, 60 * slowness));
    await route.fallback().catch(() => {});
  });
  const throttle = async (page: Page) => {
    const session = await context.newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: slowness });
  };
  context.on("page", (page) => void throttle(page).catch(() => {}));
}

/** Whatever moves on a page: animations, transitions, and a canvas that glides. */
import type { Page } from "playwright-core";

const shortest_ms = 50;

/** Watches each page that this window opens from here on. */
export async function watchMotion(page: Page): Promise<void> {
  await page.addInitScript((least_ms) => {
    const seen = new Set<string>();
    Object.assign(window, { tramoMotion: seen });
    let [last, moves] = ["", 0];
    const look = () => {
      for (const it of document.getAnimations()) {
        const { endTime } = it.effect?.getComputedTiming() ?? {};
        if (it.playState !== "running" || Number(endTime) <= least_ms) continue;
        const target = it.effect instanceof KeyframeEffect ? it.effect.target : null;
        seen.add(`${it.constructor.name} of ${target?.localName}.${target?.classList.value}`);
      }
      const viewport = document.querySelector(".react-flow__viewport");
      const place = viewport?.getAttribute("style") ?? "";
      moves = last !== "" && place !== last ? moves + 1 : 0;
      last = place;
      // Once or twice is where it is put; frame by frame it glides.
      if (moves > 3) seen.add("the canvas glides");
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, shortest_ms);
}

/** What has moved since the page was opened. */
export async function motion(page: Page): Promise<string[]> {
  return await page.evaluate(() => [
    ...(window as unknown as { tramoMotion: Set<string> }).tramoMotion,
  ]);
}

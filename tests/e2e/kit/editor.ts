/** What people do in the editor, in a story's words. */
import type { Locator, Page } from "playwright-core";
import { until } from "./server.ts";

export const saved = (page: Page) => page.locator('[data-saving="saved"]').waitFor();
export const node = (page: Page, id: string) => page.getByTestId(`node-${id}`);
export const edges = (page: Page) => page.locator(".react-flow__edge");
export const exit = (page: Page, id: string, port = "out") =>
  node(page, id).locator(`.react-flow__handle[data-handleid="${port}"]`);
export const entry = (page: Page, id: string) =>
  node(page, id).locator('.react-flow__handle[data-handleid="in"]');
/** The list of nodes that opens where one is asked for. */
export const quickAdd = (page: Page) => page.getByRole("dialog", { name: "Add a node here" });
export const panel = (page: Page) => page.locator("[data-panel]");

/** Waits until the canvas has so many edges: they are drawn after their nodes. */
export const edgesAre = (page: Page, count: number) =>
  until(`${count} edges`, async () => (await edges(page).count()) === count);

/**
 * Waits until nothing fades and the canvas glides no more: what opens beside it moves it a moment
 * later.
 */
export async function comeToRest(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const fades = () => document.getAnimations().some((it) => it instanceof CSSTransition);
    const place = () => {
      const canvas = document.querySelector(".react-flow");
      const box = canvas?.getBoundingClientRect();
      const moved = canvas?.querySelector(".react-flow__viewport")?.getAttribute("style");
      return `${box?.left} ${box?.top} ${box?.width} ${box?.height} ${moved}`;
    };
    const [enough_frames, most_frames] = [8, 60];
    let last = place();
    for (let still = 0, all = 0; still < enough_frames && all < most_frames; all += 1) {
      await new Promise((resume) => requestAnimationFrame(resume));
      still = place() !== last || fades() ? 0 : still + 1;
      last = place();
    }
  });
}

/** Where the canvas stands, in pixels, and how near it is seen. */
export const viewOf = (page: Page) =>
  page.locator(".react-flow__viewport").evaluate((it) => {
    const { e: x, f: y, a: zoom } = new DOMMatrix(getComputedStyle(it).transform);
    return { x: Math.round(x), y: Math.round(y), zoom };
  });

export async function middleOf(thing: Locator): Promise<{ x: number; y: number }> {
  await thing.waitFor();
  await comeToRest(thing.page());
  const box = await thing.boundingBox();
  if (!box) throw new Error("It is not on the page.");
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Drags from the middle of one thing to a point, as a hand does: in steps. */
export async function drag(page: Page, from: Locator, to: { x: number; y: number }): Promise<void> {
  const start = await middleOf(from);
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move((start.x + to.x) / 2, (start.y + to.y) / 2, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
}

/** Pulls an edge from one node's exit to another node's entry. */
export async function pull(page: Page, from: string, to: string, port = "out"): Promise<void> {
  await drag(page, exit(page, from, port), await middleOf(entry(page, to)));
}

/** Makes a flow by the API and opens it. */
export const flowOf = (
  id: string,
  nodes: unknown[],
  edges: unknown[] = [],
  more: Record<string, unknown> = {},
) => ({ format: 1, id, name: id, nodes, edges, ...more });

/** What keeps people out of a page, as far as a program can tell: axe, and what sticks out. */
import axe from "axe-core";
import type { Page } from "playwright-core";
import { comeToRest } from "./editor.ts";

const standards = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What axe finds once the page is still, each rule with the first places: all, or some rules. */
export async function barriers(page: Page, rules: string[] = []): Promise<string[]> {
  await comeToRest(page);
  // Playwright's own world is not bound by the page's content security policy.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  return await page.evaluate(
    async ({ only, tags }) => {
      const { axe: tool } = window as unknown as { axe: typeof import("axe-core") };
      const runOnly =
        only.length > 0
          ? { type: "rule" as const, values: only }
          : { type: "tag" as const, values: tags };
      const { violations, passes } = await tool.run(document, {
        resultTypes: ["violations"],
        runOnly,
      });
      if (passes.length < (only.length > 0 ? 1 : 10)) return ["axe has looked at nothing"];
      return violations.map((it) => {
        const places = it.nodes.slice(0, 3).map((at) => at.target.join(" "));
        return `${it.id}: ${places.join(", ")}`;
      });
    },
    { only: rules, tags: standards },
  );
}

/** What sticks out at the right of the screen, where the page can be pushed sideways by it. */
export async function overflow(page: Page): Promise<string[]> {
  return await page.evaluate(() => {
    const wide = document.documentElement.scrollWidth > innerWidth;
    const scrollers = [...document.querySelectorAll("main, main *")].filter(
      (it) =>
        it.scrollWidth > it.clientWidth + 1 &&
        getComputedStyle(it).overflowX === "visible" &&
        it.clientWidth > 0 &&
        getComputedStyle(it).display !== "inline" &&
        it.getBoundingClientRect().left + it.scrollWidth > innerWidth + 1 &&
        !it.closest(".react-flow"),
    );
    return wide || scrollers.length > 0
      ? [
          `document ${document.documentElement.scrollWidth}`,
          ...scrollers.slice(0, 4).map((it) => it.outerHTML.slice(0, 160)),
        ]
      : [];
  });
}

/** Everything by keyboard: the palette, the shortcuts, and the canvas without a pointer. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { edges, flowOf, node, panel, quickAdd, saved } from "./kit/editor.ts";
import { until } from "./kit/server.ts";
import { type Stage, storiesOn } from "./kit/story.ts";

const story = storiesOn({ command: "demo" });

const palette = (page: Page) => page.getByRole("dialog", { name: "Commands" });
async function openPalette(page: Page): Promise<void> {
  await page.keyboard.press("Control+k");
  await palette(page).waitFor();
}
const found = (page: Page) => palette(page).getByRole("option");
const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.getAttribute("data-id") ?? null);
const reaches = (page: Page, id: string) =>
  until(`the focus on ${id}`, async () => (await focused(page)) === id);

async function openFlow(
  { server, open }: Stage,
  id: string,
  nodes: unknown[],
  lines: unknown[] = [],
): Promise<Page> {
  await server.ask("POST", "/flows", { document: flowOf(id, nodes, lines) });
  const page = await open(`/flows/${id}`);
  await page.locator(".react-flow").waitFor();
  return page;
}

const draftOf = async ({ server }: Stage, id: string) =>
  (await server.ask("GET", `/flows/${id}`)).document;

story(
  "the palette finds a command in any language, and shows first what was chosen before",
  async ({ open }) => {
    const page = await open("/flows/flow_vip_orders");
    await node(page, "order").waitFor();
    await openPalette(page);
    await page.keyboard.type("seleccionar");
    await palette(page).getByRole("status").getByText("Nothing is called").waitFor();
    for (const word of ["ordenar", "aranj", "tidy"]) {
      await page.keyboard.press("Control+a");
      await page.keyboard.type(word);
      await found(page).filter({ hasText: "Tidy up" }).waitFor();
    }
    await page.keyboard.press("Enter");
    await palette(page).waitFor({ state: "detached" });
    await saved(page);
    await openPalette(page);
    expect(await found(page).first().textContent()).toContain("Tidy up");
    await page.keyboard.type("note it");
    await page.keyboard.press("Enter");
    await panel(page).getByLabel("Name of the node").waitFor();
    await openPalette(page);
    await page.keyboard.type("conexiones");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Connections", level: 1 }).waitFor();
    // What lay over a page goes with it, by the browser's own button too.
    await openPalette(page);
    await page.goBack();
    await palette(page).waitFor({ state: "detached" });
    await node(page, "order").waitFor();
  },
);

story(
  "every shortcut stands for one command, and single letters can be switched off",
  async (stage) => {
    const page = await openFlow(stage, "flow_letters", [{ id: "start", type: "core.manual" }]);
    await node(page, "start").waitFor();
    await page.keyboard.press("?");
    const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await sheet.waitFor();
    const shown = await sheet
      .locator("li")
      .evaluateAll((rows) =>
        rows.flatMap((row) =>
          [...row.querySelectorAll("[data-shortcut]")].map((it) =>
            it.getAttribute("data-shortcut"),
          ),
        ),
      );
    expect(shown.length).toBeGreaterThan(25);
    // Enter opens what is chosen, be it a node or a note.
    const twice = shown.filter((it, at) => it !== "Enter" && shown.indexOf(it) !== at);
    expect(twice).toEqual([]);
    // A page cannot have these: the browser opens or closes windows with them.
    const taken = ["N", "T", "W", "Shift+N", "Shift+T", "Shift+W"].map((it) => `Mod+${it}`);
    expect(shown.filter((it) => taken.includes(it ?? ""))).toEqual([]);
    await sheet.getByLabel("Shortcuts of a single character").uncheck({ force: true });
    await page.keyboard.press("Escape");
    await page.keyboard.press("n");
    await page.keyboard.press("?");
    expect(await page.getByRole("dialog").count()).toBe(0);
    await page.keyboard.press("Control+/");
    await sheet.waitFor();
  },
);

story(
  "the canvas is walked along its edges, and asks by number where there are several",
  async (stage) => {
    const page = await openFlow(
      stage,
      "flow_walk",
      [
        { id: "start", type: "core.manual" },
        {
          id: "check",
          type: "core.branch",
          params: { rules: [{ port: "yes", when: { $expr: "true" } }] },
        },
        { id: "each", type: "core.for_each", params: { items: { $expr: "[1, 2]" } } },
        { id: "inner", type: "core.log", params: { message: "in" }, inside: "each" },
        { id: "other", type: "core.log", params: { message: "else" } },
      ],
      [
        { from: "start", to: "check" },
        { from: "check", port: "yes", to: "each" },
        { from: "check", port: "else", to: "other" },
      ],
    );
    await node(page, "start").waitFor();
    await page.keyboard.press("ArrowRight");
    await reaches(page, "start");
    await page.keyboard.press("ArrowRight");
    await reaches(page, "check");
    await page.keyboard.press("ArrowRight");
    await page.getByRole("dialog", { name: "Which way?" }).waitFor();
    await page.keyboard.press("1");
    await reaches(page, "each");
    await page.keyboard.press("ArrowRight");
    await reaches(page, "inner");
    for (const id of ["each", "check"]) {
      await page.keyboard.press("ArrowLeft");
      await reaches(page, id);
    }
    // Into the panel and back to the same node.
    await page.keyboard.press("Enter");
    await until("the focus in the panel", () =>
      page.evaluate(() => document.activeElement?.closest("[data-panel]") !== null),
    );
    await page.keyboard.press("Escape");
    await reaches(page, "check");
    expect(await page.locator('.react-flow__node[tabindex="0"]').count()).toBe(1);
  },
);

story(
  "a flow is built by keyboard alone: added, connected, inserted, put into a loop, moved",
  async (stage) => {
    const page = await openFlow(stage, "flow_built", []);
    const add = async (words: string, id: string) => {
      await page.keyboard.press("n");
      await quickAdd(page).waitFor();
      await page.keyboard.type(words);
      await page.keyboard.press("Enter");
      await panel(page).getByLabel("Name of the node").waitFor();
      await page.keyboard.press("Escape");
      await reaches(page, id);
    };
    await add("start by hand", "manual");
    await add("for each", "for_each");
    await add("write to the log", "log");
    await page.keyboard.press("x"); // Away from the loop's end,
    await edges(page).nth(1).waitFor({ state: "detached" });
    await page.keyboard.press("l"); // into the loop,
    await page.keyboard.press("1");
    await reaches(page, "log");
    await page.keyboard.press("Home");
    await add("stop", "stop");
    await page.keyboard.press("x");
    await page.keyboard.press("Home");
    await reaches(page, "manual");
    await page.keyboard.press("ArrowRight");
    await reaches(page, "for_each");
    await page.keyboard.press("c"); // and on from the loop to the end.
    await page.keyboard.type("stop");
    await page.keyboard.press("Enter");
    await reaches(page, "stop");
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Space");
    await page.keyboard.press("Shift+ArrowDown");
    await until("what was built", async () => {
      const { nodes, edges: lines, layout } = await draftOf(stage, "flow_built");
      const inside = nodes.find((it: { id: string }) => it.id === "log")?.inside;
      const ways = lines.map((it: { from: string; to: string }) => `${it.from} ${it.to}`).sort();
      const moved = layout?.stop && layout.for_each;
      return inside === "for_each" && ways.join() === "for_each stop,manual for_each" && moved;
    });
    expect(await page.locator(".react-flow__node.selected").count()).toBe(2);
  },
);

story("what is typed before a part of the page has come waits for it", async (stage) => {
  const nodes = [{ id: "start", type: "core.manual" }];
  await stage.server.ask("POST", "/flows", { document: flowOf("flow_early", nodes) });
  const page = await stage.open("/flows");
  let come = () => {};
  const there = new Promise<void>((resolve) => {
    come = resolve;
  });
  await page.route(/\/(QuickAdd|NodePanel|FlowSearch)-/, async (route) => {
    await there;
    await route.fallback();
  });
  await page.goto("/flows/flow_early");
  await node(page, "start").waitFor();
  await page.keyboard.press("n");
  await page.keyboard.type("log");
  await page.keyboard.press("Enter");
  await page.keyboard.type("Say it");
  expect(await page.getByRole("dialog").count()).toBe(0);
  come();
  const message = panel(page).locator('[data-pointer="/message"] textarea');
  await expect.poll(() => message.inputValue()).toBe("Say it");
  await page.keyboard.press("Escape");
  await reaches(page, "log");
  await page.keyboard.press("Control+f");
  await page.keyboard.type("start");
  await page.getByText("1 of 1").waitFor();
});

story("a new language leaves what is open, and what is not saved yet, as it is", async (stage) => {
  const page = await openFlow(stage, "flow_tongue", [{ id: "start", type: "core.manual" }]);
  const name = page.locator("header input").first();
  await page.route("**/draft*", () => {}); // What is typed is in this page only.
  await name.fill("Not saved yet");
  await node(page, "start").click();
  await panel(page).getByText("Start by hand").first().waitFor();
  await openPalette(page);
  await page.keyboard.type("Language: Română");
  await page.keyboard.press("Enter");
  await page.locator('html[lang="ro"]').waitFor({ state: "attached" });
  await panel(page).getByRole("heading", { name: "Start by hand" }).waitFor({ state: "detached" });
  await panel(page).locator("input").first().waitFor();
  expect(await name.inputValue()).toBe("Not saved yet");
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type("Language: English");
  await page.keyboard.press("Enter");
  await page.locator('html[lang="en"]').waitFor({ state: "attached" });
});

/** Nobody is kept out: every state for axe, the first steps, and a connection that is lost. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { barriers } from "./kit/barrier.ts";
import { flowOf, node, panel, saved } from "./kit/editor.ts";
import { motion, watchMotion } from "./kit/motion.ts";
import { until } from "./kit/server.ts";
import { storiesOn } from "./kit/story.ts";
import { walk } from "./kit/walk.ts";

const story = storiesOn({ command: "demo" });

/** What the editor can show besides its canvas, each reached from the state before. */
const states: [string, (page: Page) => Promise<void>][] = [
  ["the palette", async (page) => page.keyboard.press("Control+k")],
  ["the shortcuts", async (page) => page.keyboard.press("?")],
  ["the list of nodes", async (page) => page.keyboard.press("n")],
  ["the choice of a way", async (page) => page.keyboard.press("x")],
  ["the dialog of a run", async (page) => page.keyboard.press("Control+Enter")],
];

story("no state of the editor has a barrier, in light or dark", async ({ open }) => {
  const page = await open("/flows/flow_vip_orders");
  await node(page, "check").waitFor();
  const found: string[] = [];
  const check = async (name: string, rules: string[] = []) =>
    found.push(...(await barriers(page, rules)).map((it) => `${name}: ${it}`));
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  for (const [name, enter] of states) {
    await enter(page);
    await page.getByRole("dialog").waitFor();
    await check(name);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menu").waitFor();
  await check("the menu");
  await page.keyboard.press("Escape");
  await node(page, "tell").click();
  await panel(page).locator('[data-pointer="/text"]').waitFor();
  await check("the panel");
  // Only colours differ in the dark.
  await page.emulateMedia({ colorScheme: "dark" });
  await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
  await check("the panel in the dark", ["color-contrast"]);
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").waitFor();
  await check("the palette in the dark", ["color-contrast"]);
  expect(found).toEqual([]);
});

story("who listens hears what is added, deleted, undone, run and left to mend", async (stage) => {
  await stage.server.ask("POST", "/flows", {
    document: flowOf("flow_heard", [{ id: "start", type: "core.manual" }]),
  });
  const page = await stage.open("/flows/flow_heard");
  await node(page, "start").waitFor();
  const hears = (words: string | RegExp) =>
    page.getByRole("status").filter({ hasText: words }).first().waitFor({ state: "attached" });
  await page.keyboard.press("Home");
  await page.keyboard.press("n");
  await page.getByRole("dialog", { name: "Add a node here" }).waitFor();
  await page.keyboard.type("slack post");
  await page.keyboard.press("Enter");
  await hears(/^Added: /);
  await hears(/^\d problems?$/);
  await page.getByRole("button", { name: "More about this node" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await node(page, "post_message").waitFor({ state: "detached" });
  await hears("1 node deleted");
  // The menu and its panel are gone, and the focus is not.
  await page.waitForFunction(() => document.activeElement !== document.body);
  await page.getByRole("button", { name: "Undo" }).click();
  await hears(/^Undone: /);
  await page.keyboard.press("Control+Shift+z");
  await hears(/^Redone: /);
  await saved(page);
  await page.keyboard.press("Control+Enter");
  await page.getByRole("dialog").getByRole("button", { name: "Run", exact: true }).click();
  await hears("Run: Done");
});

story(
  "Tab goes through each page in order, to its end, and the focus is always seen",
  async (stage) => {
    const page = await stage.open("/flows");
    const wrong: string[] = [];
    const goThrough = async (place: string, least: number) => {
      const { names, wrong: found } = await walk(page);
      wrong.push(...found.map((it) => `${place}: ${it}`));
      expect(names[0], place).toBe("a “Skip to the page”");
      expect(names.length, place).toBeGreaterThan(least);
    };
    await page.getByRole("link", { name: "Tag VIP orders" }).waitFor();
    await goThrough("flows", 15);
    await stage.server.ask("POST", "/flows", {
      document: flowOf("flow_wrong", [{ id: "post", type: "core.http_request" }]),
    });
    await page.goto("/flows/flow_wrong");
    await node(page, "post").click();
    await panel(page).getByText("is missing; fill it in.").first().waitFor();
    await page.mouse.move(700, 20);
    await goThrough("a form", 25);
    expect(wrong).toEqual([]);
  },
);

story("who asked for less motion sees nothing move, where others do", async (stage) => {
  for (const moves of [true, false]) {
    const nodes = [{ id: "start", type: "core.manual" }];
    await stage.server.ask("POST", "/flows", { document: flowOf(`flow_moves_${moves}`, nodes) });
    const page = await stage.open("/nowhere", { motion: moves });
    await watchMotion(page);
    // The answer comes when the page has said that it waits for it.
    await page.route(
      `**/api/v1/flows/flow_moves_${moves}`,
      async (route) => {
        await page.locator(".mantine-Skeleton-root, .mantine-Loader-root").first().waitFor();
        await route.fallback();
      },
      { times: 1 },
    );
    await page.goto(`/flows/flow_moves_${moves}`);
    await node(page, "start").waitFor();
    await page.getByRole("button", { name: "Zoom in" }).click();
    await page.getByRole("button", { name: "Show the whole flow" }).click();
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("Control+Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Run", exact: true }).click();
    await node(page, "start").and(page.locator('[data-state="succeeded"]')).waitFor();
    const seen = await motion(page);
    if (moves) expect(seen).toEqual(expect.arrayContaining([expect.stringMatching(/glides/)]));
    if (moves) expect(seen.length).toBeGreaterThan(2);
    else expect(seen).toEqual([]);
  }
});

story(
  "at 400 % no page is pushed sideways, and everything in it can still be reached",
  async ({ open }) => {
    const page = await open("/flows", { width: 320 });
    for (const path of ["/flows", "/runs", "/connections", "/people", "/flows/flow_vip_orders"]) {
      await page.goto(path);
      await page.locator("main").first().waitFor();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      expect(wide, path).toBe(false);
    }
  },
);

story("a lost connection says so, and what is unsaved survives a reload", async (stage) => {
  await stage.server.ask("POST", "/flows", {
    document: flowOf("flow_lost", [{ id: "start", type: "core.manual" }]),
  });
  const page = await stage.open("/flows", { interrupted: true });
  // The parts that are fetched when the page is at rest never come: keeping is not one of them.
  await page.route(/KeptNotice|Checker|NodePanel/, () => {});
  await page.goto("/flows/flow_lost");
  await node(page, "start").waitFor();
  await page.route("**/api/**", (route) => route.abort());
  await page.getByLabel("Name of the flow").fill("Not lost");
  await page.getByText("The server is out of reach").waitFor();
  await until("the kept draft", () =>
    page.evaluate(() => localStorage.getItem("tramo.draft.flow_lost")?.includes("Not lost")),
  );
  // Another page, as after a crash of the first, which never has the server back: it has nothing
  // but what this browser kept.
  const again = await page.context().newPage();
  await page.close();
  await again.goto("/flows/flow_lost");
  await again.getByRole("button", { name: "Bring them back" }).click();
  await until("the name", async () => {
    const { document } = await stage.server.ask("GET", "/flows/flow_lost");
    return document.name === "Not lost";
  });
});

story(
  "the guide builds a flow that runs, and can be left and resumed on the way",
  async ({ open }) => {
    const page = await open("/flows");
    const guide = page.getByRole("region", { name: "First steps" });
    await guide.getByRole("button", { name: "Show me" }).click();
    await guide.getByText("Step 1 of 5").waitFor();
    await page.locator('[data-start="shopify.order_created"]').click();
    await guide.getByText("Step 2 of 5").waitFor();
    expect(await guide.getByText(/^Step/).count()).toBe(1);
    await saved(page);
    await page.goto("/flows");
    await guide.getByRole("button", { name: "Go on" }).click();
    await guide.getByText("Step 2 of 5").waitFor();
    await node(page, "order_created").click();
    await page.keyboard.press("Escape");
    await page.keyboard.press("n");
    await page.keyboard.type("slack post");
    await page.keyboard.press("Enter");
    await guide.getByText("Say where").waitFor();
    await panel(page).locator('[data-pointer="/channel"] input').fill("#orders");
    await page.keyboard.press("Tab");
    await guide.getByText("Say what").waitFor();
    await guide.getByRole("button", { name: "Take me there" }).click();
    await page.keyboard.type("A new order");
    await guide.getByText("Run it").waitFor();
    await saved(page);
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Run", exact: true }).click();
    await guide.getByText("That is a working flow").waitFor();
    await node(page, "post_message").and(page.locator('[data-state="succeeded"]')).waitFor();
    await guide.getByRole("button", { name: "Done" }).click();
    await guide.waitFor({ state: "detached" });
  },
);

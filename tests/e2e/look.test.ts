/** How every page looks and reads: languages, light and dark, narrow and wide, without barriers. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { barriers, overflow } from "./kit/barrier.ts";
import { comeToRest, node, panel, viewOf } from "./kit/editor.ts";
import { until } from "./kit/server.ts";
import { type Stage, storiesOn } from "./kit/story.ts";

const story = storiesOn({ command: "demo" });

/** The main pages, with one run and something in the mailbox. */
async function pagesOf({ server }: Stage): Promise<Record<string, string>> {
  const { items } = await server.ask("GET", "/connections");
  const shop = items.find((it: { connector: string }) => it.connector === "shopify").id;
  let [run] = (await server.ask("GET", "/runs")).items;
  if (!run) {
    await server.ask("POST", `/connections/${shop}/twin/deliver`, {
      type: "shopify.order_created",
    });
    run = await until("a run", async () => {
      const [first] = (await server.ask("GET", "/runs")).items;
      return first?.ended_at ? first : null;
    });
  }
  return {
    flows: "/flows",
    editor: "/flows/flow_vip_orders",
    "run on the canvas": `/flows/${run.flow_id}?run=${run.id}`,
    runs: "/runs",
    run: `/runs/${run.id}`,
    connections: "/connections",
    connection: `/connections/${shop}`,
    questions: "/inbox/approvals",
    doubts: "/inbox/doubts",
    alerts: "/inbox/alerts",
    messages: "/inbox/messages",
    timeline: `/timeline?${new URLSearchParams({ ...run.keys[0] })}`,
    tables: "/data/tables",
    variables: "/data/variables",
    people: "/people",
  };
}

/** Lets a page come to rest: its data is there and nothing moves any more. */
async function settle(page: Page): Promise<void> {
  await page.locator("main").first().waitFor();
  await page.waitForFunction(
    () =>
      !document.querySelector(".mantine-Skeleton-root, .mantine-Loader-root") &&
      document.querySelector("h1, .react-flow__node") !== null,
  );
}

for (const dark of [false, true]) {
  story(`no page has barriers that axe can find, in ${dark ? "dark" : "light"}`, async (stage) => {
    const page = await stage.open("/flows", { dark });
    const found: string[] = [];
    for (const [name, path] of Object.entries(await pagesOf(stage))) {
      await page.goto(path);
      await settle(page);
      if (name === "editor") {
        await node(page, "tell").click();
        await panel(page).locator('[data-pointer="/text"]').waitFor();
      }
      if (name === "run on the canvas")
        await page.locator('[data-state="succeeded"]').first().waitFor();
      found.push(...(await barriers(page)).map((it) => `${name}: ${it}`));
    }
    expect(found).toEqual([]);
  });
}

story(
  "at the width of a phone no page is wider than the screen, and the editor is usable",
  async (stage) => {
    const page = await stage.open("/flows", { width: 390 });
    for (const [name, path] of Object.entries(await pagesOf(stage))) {
      await page.goto(path);
      await settle(page);
      expect(await overflow(page), name).toEqual([]);
    }
    await page.goto("/flows/flow_vip_orders");
    // A phone shows sentences first; the canvas is one tap away.
    await page.locator("[data-step]").first().waitFor();
    expect(await overflow(page), "sentences").toEqual([]);
    await page.locator('[aria-keyshortcuts$="Shift+L"]').tap();
    await node(page, "order").tap();
    const setup = page.getByRole("dialog");
    await setup.getByLabel("Name of the node").waitFor();
    expect(await overflow(page), "node panel").toEqual([]);
    await page.getByRole("button", { name: "Close the panel" }).tap();
    await page.getByRole("button", { name: "Add a node" }).tap();
    await page.getByRole("combobox", { name: "Search nodes" }).fill("stop");
    await page.locator('[data-type="core.stop"]').tap();
    await page.locator('[data-testid^="node-stop"]').waitFor({ state: "attached" });
  },
);

story("two fingers zoom the canvas of a phone and not the page, one moves it", async (stage) => {
  const page = await stage.open("/flows/flow_vip_orders", { width: 390 });
  await page.locator('[aria-keyshortcuts$="Shift+L"]').tap();
  await node(page, "order").waitFor();
  await comeToRest(page);
  const touch = await page.context().newCDPSession(page);
  const play = async (...frames: [number, number][][]) => {
    for (const [at, fingers] of frames.entries()) {
      const touchPoints = fingers.map(([x, y], id) => ({ x, y, id }));
      const type = at === 0 ? "touchStart" : "touchMove";
      await touch.send("Input.dispatchTouchEvent", { type, touchPoints });
    }
    await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  };
  const before = await viewOf(page);
  const apart = [0, 15, 30, 45, 60].map((by): [number, number][] => [
    [185 - by, 560],
    [205 + by, 560],
  ]);
  await play(...apart);
  await expect.poll(async () => (await viewOf(page)).zoom > before.zoom * 1.5).toBe(true);
  expect(await page.evaluate(() => visualViewport?.scale)).toBe(1);
  const near = await viewOf(page);
  await play(...[0, 10, 20, 30, 40].map((by): [number, number][] => [[195, 560 + by]]));
  await expect.poll(async () => (await viewOf(page)).y > near.y + 20).toBe(true);
  expect((await viewOf(page)).zoom).toBe(near.zoom);
});

/** Words of the interface that would betray a text that was left in English. */
const english =
  /\b(flows?|runs?|connections|people|publish|settings|saved|search|add|node|order created|when|your|with|the|new|every|starts?|succeeded|account|message)\b/i;

for (const [language, name, flows] of [
  ["es", "Español", "Flujos"],
  ["pt", "Português", "Fluxos"],
  ["ro", "Română", "Fluxuri"],
] as const) {
  story(`the pages speak ${name} once it is chosen, with no English left`, async (stage) => {
    const page = await stage.open("/flows");
    const paths = await pagesOf(stage);
    await page.getByRole("button", { name: /Demo/ }).click();
    await page.getByRole("menuitemradio", { name: new RegExp(name) }).click();
    await page.getByRole("heading", { name: flows, level: 1 }).waitFor();
    const { nodes } = (await stage.server.ask("GET", "/flows/flow_vip_orders")).document;
    const given = new Set(["React Flow", "React Flow attribution"]);
    const labels: string[] = nodes.map(({ label }: { label?: string }) => label ?? "");
    // What people called their nodes stands in sentences of ours too.
    const own = (text: string) =>
      labels.filter(Boolean).reduce((rest, label) => rest.replaceAll(label, ""), text);
    const left: string[] = [];
    const listen = async (place: string) => {
      const foreign = (await spoken(page)).filter((it) => english.test(own(it)) && !given.has(it));
      left.push(...foreign.map((it) => `${place}: ${it}`));
    };
    for (const [place, path] of Object.entries(paths)) {
      await page.goto(path);
      await settle(page);
      if (place === "editor") await node(page, "check").click();
      await listen(place);
      if (place !== "editor") continue;
      for (const [over, keys] of [
        ["shortcuts", "Control+/"],
        ["palette", "Control+k"],
      ] as const) {
        await page.keyboard.press(keys);
        await page.getByRole("dialog").waitFor();
        await listen(over);
        await page.keyboard.press("Escape");
        await page.getByRole("dialog").waitFor({ state: "detached" });
      }
    }
    expect(await page.locator("html").getAttribute("lang")).toBe(language);
    await page.getByRole("button", { name: /Demo/ }).click();
    await page.getByRole("menuitemradio", { name: "English" }).click();
    await page.getByRole("heading", { name: "People", level: 1 }).waitFor();
    expect([...new Set(left)]).toEqual([]);
  });
}

/** The texts of a page that are Tramo's own: no names that people gave, no data. */
async function spoken(page: Page): Promise<string[]> {
  return await page.evaluate(() => {
    const given =
      "code, [role=tree], table, pre, input, textarea, .cm-editor, .react-flow__node, [lang]:not(html), dd, time, details";
    const texts: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let at = walker.nextNode(); at; at = walker.nextNode()) {
      const text = at.textContent?.trim() ?? "";
      if (text && !at.parentElement?.closest(given)) texts.push(text);
    }
    for (const it of document.querySelectorAll("[aria-label], [placeholder], [title]")) {
      for (const name of ["aria-label", "placeholder", "title"]) {
        const text = it.getAttribute(name);
        if (text && !it.closest(given)) texts.push(text);
      }
    }
    return texts;
  });
}

story(
  "Back closes the form that is open, then leaves the flow, whichever way it was closed",
  async ({ open }) => {
    for (const width of [1440, 390]) {
      const page = await open("/flows", { width });
      await page.getByRole("link", { name: "Tag VIP orders" }).first().click();
      const step =
        width > 600
          ? page.locator(".react-flow__node").first()
          : page.locator('[data-testid^="step-"]').first();
      const form = page.getByRole("tab", { name: "Setup" });
      const enter = () => (width > 600 ? step.click() : step.getByRole("button").first().click());
      await enter();
      await form.waitFor();
      await page.goBack();
      await form.waitFor({ state: "detached" });
      expect(page.url()).toContain("/flows/flow_");
      await enter();
      await form.waitFor();
      await page.getByRole("button", { name: "Close the panel" }).click();
      await form.waitFor({ state: "detached" });
      await page.goBack();
      await page.getByRole("heading", { name: "Flows", level: 1 }).waitFor();
      await page.close();
    }
  },
);

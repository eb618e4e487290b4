/** Runs as people see them: live, past, paused, in doubt, and after a restart. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { flowOf, node, panel } from "./kit/editor.ts";
import { HangingServer } from "./kit/neighbour.ts";
import { until } from "./kit/server.ts";
import { type Stage, storiesOn } from "./kit/story.ts";

const story = storiesOn({ command: "demo", env: { TRAMO_PRIVATE_HOSTS: "127.0.0.1" } });

const runs = (page: Page) => page.getByRole("list", { name: "Runs" }).getByRole("listitem");

async function shopOf({ server }: Stage): Promise<string> {
  const { items } = await server.ask("GET", "/connections");
  return items.find((it: { connector: string }) => it.connector === "shopify").id;
}

const inState = (page: Page, id: string, state: string) =>
  node(page, id)
    .and(page.locator(`[data-state="${state}"]`))
    .waitFor();

/** A flow that posts to a server outside, once. */
const booking = (id: string, url: string) =>
  flowOf(
    id,
    [
      { id: "start", type: "core.manual" },
      {
        id: "book",
        type: "core.http_request",
        label: "Book the parcel",
        params: { method: "POST", url, json: { order: 1 } },
      },
      { id: "after", type: "core.log", label: "After it", params: { message: "booked" } },
    ],
    [
      { from: "start", to: "book" },
      { from: "book", to: "after" },
    ],
  );

story("a signed order from the shop appears in the run list without a reload", async (stage) => {
  const list = await stage.open("/runs");
  await list.getByText("No run yet").waitFor();
  const shop = await stage.open("/connections");
  await shop.getByRole("link", { name: "Demo shop" }).click();
  await shop.getByRole("button", { name: "Send a test order" }).click();
  await shop.getByText("Accepted.").waitFor();
  await shop.getByRole("list", { name: "What the twin received" }).waitFor();
  await until("the run in the list", async () => (await runs(list).count()) === 1);
  await runs(list).getByText("Done", { exact: true }).waitFor();
  await runs(list).getByRole("link").first().click();
  await list.getByRole("heading", { name: "Steps" }).waitFor();
  await list.getByRole("button", { name: /Order created/ }).waitFor();
});

story(
  "a run lights up node by node on the canvas while it goes through the flow",
  async (stage) => {
    const vendor = await HangingServer.start();
    vendor.hangsUp = false;
    try {
      await stage.server.ask("POST", "/flows", { document: booking("flow_live", vendor.url) });
      const page = await stage.open("/flows/flow_live");
      await node(page, "after").waitFor();
      vendor.hold();
      await page.getByRole("button", { name: "Run", exact: true }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Run", exact: true }).click();
      await page.getByRole("button", { name: "Yes, do it" }).click();
      await page.waitForURL(/\?run=/);
      await inState(page, "start", "succeeded");
      await inState(page, "book", "running");
      await inState(page, "after", "idle");
      vendor.release();
      await inState(page, "book", "succeeded");
      await inState(page, "after", "succeeded");
    } finally {
      await vendor.stop();
    }
  },
);

story("a past run is drawn on its own version, with every number as it was sent", async (stage) => {
  const document = flowOf(
    "flow_exact",
    [
      { id: "start", type: "core.manual", label: "Start" },
      {
        id: "sum",
        type: "core.set",
        label: "Take the total",
        params: { fields: { total: { $expr: "start.total" }, id: { $expr: "start.id" } } },
      },
    ],
    [{ from: "start", to: "sum" }],
  );
  await stage.server.ask("POST", "/flows", { document });
  await stage.server.ask("POST", "/flows/flow_exact/publish");
  const { run } = await stage.server.ask(
    "POST",
    "/flows/flow_exact/runs",
    '{"version": "published", "event": {"id": 820982911946154508, "total": 10.10}}',
  );
  await until(
    "the run's end",
    async () => (await stage.server.ask("GET", `/runs/${run}`)).ended_at,
  );
  const changed = structuredClone(document);
  changed.nodes.push({
    id: "later",
    type: "core.log",
    label: "Later",
    params: { message: "x" },
  } as never);
  await stage.server.ask("PUT", "/flows/flow_exact/draft", changed);

  const page = await stage.open(`/runs/${run}`);
  await page.getByRole("link", { name: "Show on the flow" }).click();
  await node(page, "sum").click();
  expect(await node(page, "later").count()).toBe(0);
  await panel(page).getByRole("heading", { name: "Came out" }).waitFor();
  const shown = expect.poll(() => panel(page).textContent());
  await shown.toContain("820982911946154508");
  await shown.toContain("10.10");
  await panel(page).getByText("JSON", { exact: true }).last().click();
  await expect.poll(() => panel(page).textContent()).toContain('"total": 10.10');
  await page.getByRole("link", { name: "Back to editing" }).click();
  await node(page, "later").waitFor();
});

story("a branch tells which way a run went, though nothing is joined to it", async (stage) => {
  const rules = [{ port: "vip", when: { $expr: "start.total > 500" } }];
  const nodes = [
    { id: "start", type: "core.manual" },
    { id: "choose", type: "core.branch", params: { rules } },
    { id: "thank", type: "core.log", params: { message: "Thanks" } },
  ];
  const edges = [
    { from: "start", to: "choose" },
    { from: "choose", port: "vip", to: "thank" },
  ];
  const document = flowOf("flow_ways", nodes, edges);
  await stage.server.ask("POST", "/flows", { document });
  const { run } = await stage.server.ask("POST", "/flows/flow_ways/runs", {
    event: { total: 10 },
  });
  await until("its end", async () => (await stage.server.ask("GET", `/runs/${run}`)).ended_at);
  const page = await stage.open(`/runs/${run}`);
  await page.getByRole("button", { name: /Branch Otherwise/ }).waitFor();
  await page.getByRole("link", { name: "Show on the flow" }).click();
  await node(page, "choose").getByText("Otherwise").and(page.locator("[data-taken]")).waitFor();
  await node(page, "choose").getByLabel("The run went this way").waitFor();
  expect(await node(page, "choose").locator("[data-taken]").count()).toBe(1);
});

story(
  "beside the menu of a small screen a customer's address stays in one piece",
  async (stage) => {
    await stage.server.ask("POST", "/flows", {
      document: flowOf("flow_long", [
        { id: "order_created", type: "shopify.order_created", connection: await shopOf(stage) },
      ]),
    });
    await stage.server.ask("POST", "/flows/flow_long/runs", {
      event: { id: "1", name: "#2042", email: "beatriz.oliveira.205@example.com" },
    });
    const page = await stage.open("/runs?flow=flow_long", { width: 1024 });
    const key = page.getByText("beatriz.oliveira.205@example.com").first();
    await key.waitFor();
    const lines = await key.evaluate((it) => {
      const text = document.createRange();
      text.selectNode(it.lastChild ?? it);
      return text.getClientRects().length;
    });
    expect(lines).toBe(1);
  },
);

story("the step that is looked at stays in sight beside its data", async (stage) => {
  await stage.server.ask("POST", `/connections/${await shopOf(stage)}/twin/deliver`, {
    type: "shopify.order_created",
  });
  const [run] = (await stage.server.ask("GET", "/runs?flow=flow_vip_orders")).items;
  const page = await stage.open(`/flows/flow_vip_orders?run=${run.id}`);
  await node(page, "note").click();
  await panel(page).getByText("Note it").waitFor();
  await until("the whole flow beside the panel", async () => {
    const edge = (await panel(page).boundingBox())?.x ?? 0;
    const boxes = await Promise.all(["order", "note"].map((id) => node(page, id).boundingBox()));
    return boxes.every((box) => box !== null && box.x > 270 && box.x + box.width <= edge);
  });
});

story("a paused flow lets events go by, a resumed one takes them again", async (stage) => {
  const page = await stage.open("/flows");
  const row = page.getByRole("listitem").filter({ hasText: "Tag VIP orders" });
  const menu = row.getByRole("button", { name: /More for/ });
  const shop = await shopOf(stage);
  const count = async () =>
    (await stage.server.ask("GET", "/runs?flow=flow_vip_orders")).items.length;
  const send = () =>
    stage.server.ask("POST", `/connections/${shop}/twin/deliver`, {
      type: "shopify.order_created",
    });

  await menu.click();
  await page.getByRole("menuitem", { name: "Pause" }).click();
  await row.getByText("Paused").waitFor();
  const before = await count();
  await send();
  await menu.click();
  await page.getByRole("menuitem", { name: "Resume" }).click();
  await row.getByText("Active", { exact: true }).waitFor();
  expect(await count()).toBe(before);
  await send();
  await until("a run of the resumed flow", async () => (await count()) === before + 1);
});

story(
  "a lost answer asks a person, and each of the three answers does what it says",
  async (stage) => {
    const vendor = await HangingServer.start();
    try {
      await stage.server.ask("POST", "/flows", { document: booking("flow_doubt", vendor.url) });
      const ask = async () => {
        const { run } = await stage.server.ask("POST", "/flows/flow_doubt/runs", { event: {} });
        const state = async () => (await stage.server.ask("GET", `/runs/${run}`)).state;
        await until("the question", async () => (await state()) === "asking");
        const page = await stage.open(`/runs/${run}`);
        const question = page.getByRole("region", { name: "A question about “Book the parcel”" });
        await question.waitFor();
        return {
          page,
          question,
          ends: (as: string) => until(as, async () => (await state()) === as),
        };
      };

      const happened = await ask();
      expect(vendor.bodies).toHaveLength(1);
      await happened.question.getByRole("button", { name: "It happened" }).click();
      await happened.page.getByRole("button", { name: "Yes, it happened" }).click();
      await happened.ends("succeeded");
      await happened.page.getByText("Every step that had to run has run.").waitFor();
      expect(vendor.bodies).toHaveLength(1);

      const resent = await ask();
      vendor.hangsUp = false;
      await resent.question.getByRole("button", { name: "It did not: send once more" }).click();
      await resent.page.getByRole("button", { name: "Send once more", exact: true }).click();
      await resent.ends("succeeded");
      expect(vendor.bodies).toHaveLength(3);
      vendor.hangsUp = true;

      const ended = await ask();
      await ended.question.getByRole("button", { name: "End the run" }).click();
      await ended.page.getByRole("dialog").getByRole("button", { name: "End the run" }).click();
      await until("the run's end", async () => (await ended.question.count()) === 0);
      expect(vendor.bodies).toHaveLength(4);
    } finally {
      await vendor.stop();
    }
  },
);

story("what customers write is shown as text, never as a page", async (stage) => {
  const evil = `<img src=x onerror="alert('!')"><script>alert('!')</script>`;
  await stage.server.ask("POST", "/flows", {
    document: flowOf(
      "flow_evil",
      [
        { id: "start", type: "core.manual", label: evil, note: evil },
        { id: "note", type: "core.log", label: evil, params: { message: evil } },
      ],
      [{ from: "start", to: "note" }],
      { name: evil },
    ),
  });
  const { run } = await stage.server.ask("POST", "/flows/flow_evil/runs", {
    event: { [evil]: evil, lines: [{ text: evil }, { text: evil }] },
  });
  await until(
    "the run's end",
    async () => (await stage.server.ask("GET", `/runs/${run}`)).ended_at,
  );
  const page = await stage.open("/flows");
  await page.getByText(evil).first().waitFor();
  await page.goto("/flows/flow_evil");
  await node(page, "note").getByText(evil).waitFor();
  await node(page, "note").click();
  await panel(page).waitFor();
  await page.goto(`/runs/${run}`);
  await page.getByText("The event that started it").click();
  await page.getByText(evil).first().waitFor();
  await page.goto(`/flows/flow_evil?run=${run}`);
  await node(page, "start").click();
  await panel(page).getByText(evil).first().waitFor();
  expect(await page.locator("img[src=x]").count()).toBe(0);
});

story("a run that is watched is shown as it is once a lost line is back", async (stage) => {
  const vendor = await HangingServer.start();
  vendor.hangsUp = false;
  try {
    await stage.server.ask("POST", "/flows", { document: booking("flow_line", vendor.url) });
    vendor.hold();
    const { run } = await stage.server.ask("POST", "/flows/flow_line/runs", { event: {} });
    const page = await stage.open("/flows", { interrupted: true });
    await page.route("**/live?**", (route) => route.abort());
    await page.goto(`/flows/flow_line?run=${run}`);
    await inState(page, "book", "running");
    await page.getByText("The live view is interrupted.", { exact: false }).waitFor();
    vendor.release();
    await until(
      "the run's end",
      async () => (await stage.server.ask("GET", `/runs/${run}`)).ended_at,
    );
    await inState(page, "book", "running");
    await page.unroute("**/live?**");
    await page.evaluate(() => window.dispatchEvent(new Event("online")));
    await inState(page, "after", "succeeded");
  } finally {
    await vendor.stop();
  }
});

story("of ten thousand items any is a number, a failure or a word away", async (stage) => {
  const document = flowOf(
    "flow_many",
    [
      { id: "start", type: "core.manual" },
      {
        id: "each",
        type: "core.for_each",
        label: "Each line",
        params: { items: { $expr: "start.items" }, on_item_error: "continue" },
      },
      {
        id: "take",
        type: "core.set",
        label: "Take it",
        inside: "each",
        params: {
          fields: { sku: { $text: "SKU-{{ item }}" }, part: { $expr: "100 / (item - 7000)" } },
        },
      },
    ],
    [{ from: "start", to: "each" }],
  );
  await stage.server.ask("POST", "/flows", { document });
  const { run } = await stage.server.ask("POST", "/flows/flow_many/runs", {
    event: { items: Array.from({ length: 10_000 }, (_, index) => index + 1) },
  });
  await until(
    "the run's end",
    async () => (await stage.server.ask("GET", `/runs/${run}`)).ended_at,
  );
  const page = await stage.open(`/runs/${run}`);
  const row = page.getByRole("listitem").filter({ hasText: "Take it" });
  await row.getByText("1 failed").waitFor();
  // What failed is shown first, far behind the first page.
  await row.getByRole("status").filter({ hasText: "of 10,000" }).waitFor();
  const item = row.getByRole("textbox", { name: "Item of “Each line”" });
  await expect.poll(() => item.inputValue()).toBe("7000");
  await item.fill("9123");
  await item.press("Enter");
  await row.getByText("SKU-9123").first().waitFor();
  await row.getByRole("button", { name: "Next item" }).click();
  await row.getByText("SKU-9124").first().waitFor();
  await row.getByRole("searchbox", { name: "Search the items" }).fill("sku-4321");
  await row.getByRole("searchbox", { name: "Search the items" }).press("Enter");
  await row.getByText("SKU-4321").first().waitFor();
});

story("a killed server comes back, the page by itself, and no run is lost", async (stage) => {
  const shop = await shopOf(stage);
  await stage.server.ask("POST", `/connections/${shop}/twin/deliver`, {
    type: "shopify.order_created",
  });
  const page = await stage.open("/runs", { interrupted: true });
  await runs(page).first().waitFor();
  const ids = async () =>
    (await stage.server.ask("GET", "/runs?limit=200")).items.map((it: { id: string }) => it.id);
  const before = await ids();
  await stage.server.kill("SIGKILL");
  await page.getByText("The live view is interrupted.", { exact: false }).waitFor();
  // A part of the page that is asked for now is shown as soon as it can be had.
  await page.keyboard.press("?");
  await page.getByText("The server is out of reach.", { exact: false }).waitFor();
  await stage.server.run();
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await page.keyboard.press("Escape");
  await page
    .getByText("The live view is interrupted.", { exact: false })
    .waitFor({ state: "detached" });
  expect(await ids()).toEqual(before);
  const shown = await runs(page).count();
  await stage.server.ask("POST", `/connections/${shop}/twin/deliver`, {
    type: "shopify.order_created",
  });
  await until("the new run in the list", async () => (await runs(page).count()) > shown);
});

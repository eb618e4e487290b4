/** Trials: a part of a draft with pinned or past data, and another try with data that was changed. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { flowOf, node, panel } from "./kit/editor.ts";
import { HangingServer } from "./kit/neighbour.ts";
import { until } from "./kit/server.ts";
import { type Stage, storiesOn } from "./kit/story.ts";

const story = storiesOn({ command: "demo", env: { TRAMO_PRIVATE_HOSTS: "127.0.0.1" } });

/** An order comes in, its total is taken, a parcel is booked outside, and a note is made. */
const shipping = (id: string, url: string) =>
  flowOf(
    id,
    [
      {
        id: "hook",
        type: "core.webhook",
        label: "Order",
        params: { keys: { order: "body.order" } },
      },
      {
        id: "sum",
        type: "core.set",
        label: "Take the total",
        params: { fields: { total: { $expr: "hook.body.total" } } },
      },
      {
        id: "book",
        type: "core.http_request",
        label: "Book the parcel",
        params: { method: "POST", url, json: { $expr: "sum" } },
      },
      {
        id: "check",
        type: "core.branch",
        label: "Is it small?",
        params: { rules: [{ port: "small", when: { $expr: "sum.total < 100" } }] },
      },
      {
        id: "stop",
        type: "core.stop",
        label: "Too large",
        params: { outcome: "failed", message: "Too large" },
      },
    ],
    [
      { from: "hook", to: "sum" },
      { from: "sum", to: "book" },
      { from: "book", to: "check" },
      { from: "check", port: "else", to: "stop" },
    ],
  );

const order = (number: string, total: string) =>
  `{"version": "published", "event": {"body": {"order": "${number}", "total": ${total}},` +
  ' "headers": {}, "query": {}, "method": "POST"}}';

async function withVendor(act: (vendor: HangingServer) => Promise<void>): Promise<void> {
  const vendor = await HangingServer.start();
  vendor.hangsUp = false;
  try {
    await act(vendor);
  } finally {
    await vendor.stop();
  }
}

async function ranOnce({ server }: Stage, id: string, url: string, body: string): Promise<string> {
  await server.ask("POST", "/flows", { document: shipping(id, url) });
  await server.ask("POST", `/flows/${id}/publish`, {});
  const { run } = await server.ask("POST", `/flows/${id}/runs`, body);
  await until("the run's end", async () => (await server.ask("GET", `/runs/${run}`)).ended_at);
  return run;
}

const inState = (page: Page, id: string, state: string) =>
  node(page, id)
    .and(page.locator(`[data-state="${state}"]`))
    .waitFor();

story("one node runs with a past run's data, once what it does outside is confirmed", (stage) =>
  withVendor(async (vendor) => {
    await ranOnce(stage, "flow_only", vendor.url, order("1001", "10.10"));
    const page = await stage.open("/flows/flow_only");
    await node(page, "book").click();
    await panel(page).getByRole("button", { name: "Run this node" }).click();
    const asked = page.getByRole("dialog", { name: "This acts outside Tramo" });
    const said = asked.getByRole("list", { name: "What would be done" });
    await said.getByText("Book the parcel").waitFor();
    expect(await said.textContent()).toContain("127.0.0.1");
    expect(await said.textContent()).toContain("a second time");
    expect(vendor.bodies).toHaveLength(1);
    await asked.getByRole("button", { name: "Yes, do it" }).click();
    await page.waitForURL(/\?run=/);
    await inState(page, "book", "succeeded");
    expect(await node(page, "check").count()).toBe(0);
    expect(vendor.bodies).toHaveLength(2);
    // What the node gave is open, and its parameters have the names that its form has.
    await panel(page).getByRole("heading", { name: "Came out" }).waitFor();
    await panel(page)
      .getByRole("treeitem", { name: /^Address url/ })
      .waitFor();
  }),
);

story("pinned data stands in for a node, every digit as it was typed", (stage) =>
  withVendor(async (vendor) => {
    await stage.server.ask("POST", "/flows", { document: shipping("flow_pin", vendor.url) });
    const page = await stage.open("/flows/flow_pin");
    await node(page, "sum").click();
    await panel(page).getByRole("button", { name: "Pin data" }).click();
    await page.getByRole("menuitem", { name: "Pin other data…" }).click();
    const exact = '{"total": 820982911946154508, "price": 19.90}';
    await page.getByRole("textbox", { name: "Data that it gives" }).fill(exact);
    await page.getByRole("button", { name: "Pin it" }).click();
    await node(page, "sum").getByLabel("Pinned data").waitFor();
    const raw = await stage.server.ask("GET", "/flows/flow_pin/pins");
    expect(raw.items).toHaveLength(1);
    await page.reload();
    await node(page, "check").click();
    await panel(page).getByRole("button", { name: "More ways to run it" }).click();
    await page.getByRole("menuitem", { name: "Run up to here" }).click();
    const asked = page.getByRole("dialog", { name: "This acts outside Tramo" });
    await asked.getByRole("button", { name: "Yes, do it" }).click();
    await page.waitForURL(/\?run=/);
    await inState(page, "check", "succeeded");
    expect(vendor.bodies).toEqual(['{"total":820982911946154508,"price":19.90}']);
    expect(await node(page, "stop").count()).toBe(0);
  }),
);

story("a failed run is found by its order number and goes on from where it failed", (stage) =>
  withVendor(async (vendor) => {
    await ranOnce(stage, "flow_found", vendor.url, order("1042-B", "900"));
    const page = await stage.open("/runs");
    await page.getByRole("searchbox", { name: "Search runs" }).fill("1042-B");
    const found = page.getByRole("list", { name: "Runs" }).getByRole("link");
    await until("the one run", async () => (await found.count()) === 1);
    await found.click();
    await page.getByRole("button", { name: "Try again from here" }).click();
    await page.getByText("Try 2, from where it failed").waitFor();
    await page.getByText("Taken over").first().waitFor();
    expect(vendor.bodies).toHaveLength(1);
  }),
);

story("a changed event runs again, and what was done is not done twice", (stage) =>
  withVendor(async (vendor) => {
    const first = await ranOnce(stage, "flow_changed", vendor.url, order("1043", "900"));
    const page = await stage.open(`/runs/${first}`);
    await page.getByRole("button", { name: "Run again", exact: true }).click();
    await page.getByRole("menuitem", { name: /With a changed event/ }).click();
    const data = page.getByRole("textbox", { name: "Data", exact: true });
    await data.fill((await data.inputValue()).replace("900", "99.50"));
    await page.getByRole("button", { name: "Run again with it" }).click();
    await page.getByText("Try 2, with changed data").waitFor();
    await page.getByText("Every step that had to run has run.").waitFor();
    expect(vendor.bodies).toHaveLength(1);
  }),
);

story("what a step gave is corrected, and what follows from it runs again", (stage) =>
  withVendor(async (vendor) => {
    const first = await ranOnce(stage, "flow_step", vendor.url, order("1044", "900"));
    const page = await stage.open(`/runs/${first}`);
    await page.getByRole("button", { name: /Take the total/ }).click();
    await page.getByRole("button", { name: "Change it and run again…" }).first().click();
    const data = page.getByRole("textbox", { name: "Data", exact: true });
    await data.fill((await data.inputValue()).replace("900", "99.50"));
    await page.getByRole("button", { name: "Run again with it" }).click();
    await page.getByText("Try 2, with changed data").waitFor();
    await page.getByText("Every step that had to run has run.").waitFor();
    expect(vendor.bodies).toHaveLength(1);
  }),
);

story("the rest of a flow runs from a node on by its keys, with a past run's data", (stage) =>
  withVendor(async (vendor) => {
    await ranOnce(stage, "flow_from", vendor.url, order("1045", "20.00"));
    const page = await stage.open("/flows/flow_from");
    await node(page, "check").click();
    await panel(page).getByRole("button", { name: "Run this node" }).waitFor();
    await page.keyboard.press("Escape");
    await node(page, "check").focus();
    await page.keyboard.press("Alt+Shift+Enter");
    await page.waitForURL(/\?run=/);
    await inState(page, "check", "succeeded");
    expect(vendor.bodies).toHaveLength(1);
    // The run is walked and left by keys, as the draft is.
    await page.locator('.react-flow__node[data-id="check"]').focus();
    await page.keyboard.press("Enter");
    const step = page.getByRole("region", { name: /^Step: / });
    await until("the focus at the step", () =>
      step.evaluate((it) => it.contains(document.activeElement)),
    );
    await page.keyboard.press("Escape");
    await step.waitFor({ state: "detached" });
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Escape");
    await page.waitForURL(/flow_from$/);
  }),
);

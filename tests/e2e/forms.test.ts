/** Filling in forms: conditions, choices, accounts, schedules, and what holds for a whole flow. */
import { expect } from "vitest";
import { flowOf, node, panel, saved } from "./kit/editor.ts";
import { until } from "./kit/server.ts";
import { type Stage, storiesOn } from "./kit/story.ts";

const story = storiesOn({ command: "demo" });

type Nodes = { id: string; type: string; [field: string]: unknown }[];

/** A flow that begins with an order of the demo shop, open at one of its nodes. */
async function openAt(
  { server, open }: Stage,
  id: string,
  nodes: Nodes,
  look: { width?: number; locale?: string } = {},
) {
  const { items } = await server.ask("GET", "/connections");
  const shop = items.find((it: { connector: string }) => it.connector === "shopify").id;
  const first = { id: "order", type: "shopify.order_created", connection: shop };
  const [next] = nodes;
  const edges = next ? [{ from: "order", to: next.id }] : [];
  const layout = { order: [0, 0], ...(next && { [next.id]: [320, 0] }) };
  await server.ask("POST", "/flows", {
    document: flowOf(id, [first, ...nodes], edges, { layout }),
  });
  const page = await open(`/flows/${id}`, look);
  await node(page, "order").waitFor();
  if (next) await node(page, next.id).click();
  return page;
}

const paramsOf = async ({ server }: Stage, id: string) =>
  (await server.ask("GET", `/flows/${id}`)).document.nodes[1].params;

story("a condition is built by clicking and stored as the formula that it says", async (stage) => {
  const page = await openAt(stage, "flow_rows", [
    { id: "check", type: "core.branch", params: { rules: [{ port: "vip", when: { $expr: "" } }] } },
  ]);
  const rule = panel(page).locator('[data-pointer="/rules/0/when"]');
  await rule.getByRole("button", { name: /Choose a field/ }).click();
  await page
    .getByRole("treeitem", { name: /^total\b/i })
    .first()
    .click();
  await rule.getByLabel("Value").fill("500");
  await rule.getByRole("button", { name: "Add a condition" }).click();
  await rule.getByRole("button", { name: /Choose a field/ }).click();
  await page
    .getByRole("treeitem", { name: /^currency\b/i })
    .first()
    .click();
  await rule.getByLabel("Comparison").nth(1).selectOption({ label: "is one of" });
  await rule.getByLabel("Value").nth(1).pressSequentially("EUR,USD");
  await rule.getByLabel("Value").nth(1).press("Enter");
  const wanted = 'order.total > 500 and order.currency in ["EUR", "USD"]';
  await until(
    "the formula to be saved",
    async () => (await paramsOf(stage, "flow_rows")).rules[0].when.$expr === wanted,
  );
  await rule.getByRole("button", { name: /Use a formula/ }).click();
  await rule.locator(".cm-content").waitFor();
});

story(
  "a channel is chosen from the account's own list, and the account is tested beside it",
  async (stage) => {
    const { items } = await stage.server.ask("GET", "/connections");
    const chat = items.find((it: { connector: string }) => it.connector === "slack").id;
    const page = await openAt(stage, "flow_pick", [
      { id: "tell", type: "slack.post_message", connection: chat, params: { text: "Hi" } },
    ]);
    const channel = panel(page).getByRole("combobox", { name: "Channel" });
    await channel.click();
    await page.getByRole("listbox", { name: "Channel" }).getByRole("option").first().click();
    await until(
      "the channel to be saved",
      async () => (await paramsOf(stage, "flow_pick")).channel,
    );
    await panel(page)
      .getByText(/^Works/)
      .waitFor();
    await panel(page).getByRole("button", { name: "Test now" }).click();
    await panel(page)
      .getByText(/^Used by|^No active flow/)
      .waitFor();
  },
);

story(
  "a schedule said in words tells its next times, and the other way of saying it is kept",
  async (stage) => {
    await stage.server.ask("POST", "/flows", {
      document: flowOf("flow_when", [{ id: "clock", type: "core.schedule" }], [], {
        timezone: "Europe/Madrid",
      }),
    });
    const page = await stage.open("/flows/flow_when");
    await node(page, "clock").click();
    const cron = panel(page).locator('[data-pointer="/cron"]');
    await cron.getByLabel("At set times").selectOption({ label: "On days of the week" });
    await panel(page).locator("time").nth(2).waitFor();
    await panel(page).getByText("Every", { exact: true }).first().click();
    await panel(page).locator('[data-pointer="/every_s"] input').fill("15");
    await panel(page).getByText("At set times", { exact: true }).first().click();
    await saved(page);
    await until("the first to be back", async () => {
      const { document } = await stage.server.ask("GET", "/flows/flow_when");
      return JSON.stringify(document.nodes[0].params) === '{"cron":"0 9 * * 1-5"}';
    });
  },
);

story("a missing field is named by its title, in the person's language", async (stage) => {
  const page = await openAt(stage, "flow_said", [{ id: "tell", type: "slack.post_message" }], {
    locale: "ro-RO",
  });
  const alert = panel(page).locator('[data-pointer="/channel"]').getByRole("alert");
  await alert.waitFor();
  // The account's language may still be on its way: both change to it.
  await until("the alert to name the field", async () => {
    const title = await panel(page).locator('[data-pointer="/channel"] label').innerText();
    return (await alert.innerText()).includes(title.replace("*", "").trim());
  });
  expect(await alert.innerText()).not.toContain("channel");
});

story("what holds for a whole flow is set in one place", async (stage) => {
  const page = await openAt(stage, "flow_whole", [{ id: "note", type: "core.log" }]);
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Flow settings" }).click();
  const settings = page.getByRole("dialog", { name: "Flow settings" });
  await settings.locator('[data-pointer="/alerts/pause_after"] input').fill("3");
  await settings.locator('[data-pointer="/limits/timeout_s"] input').fill("30");
  const document = async () => (await stage.server.ask("GET", "/flows/flow_whole")).document;
  await until("both to be saved", async () => {
    const { alerts, limits } = await document();
    return alerts?.pause_after === 3 && limits?.timeout_s === 1800;
  });
  await settings.getByLabel("Days for runs that failed").fill("120");
  await settings.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.", { exact: true }).waitFor();
  const { flows } = await stage.server.ask("GET", "/retention");
  expect(flows[0].chosen.failure_days).toBe(120);
});

story("how long things are kept is chosen for the whole workspace", async (stage) => {
  const page = await stage.open("/settings/keeping");
  await page.getByLabel("Days for runs that succeeded").fill("14");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.", { exact: true }).waitFor();
  expect((await stage.server.ask("GET", "/retention")).holds.success_days).toBe(14);
});

story("several lines pasted into a list are several tags", async (stage) => {
  const page = await openAt(stage, "flow_tags", [
    { id: "tag", type: "shopify.add_tags", params: { tags: [""] } },
  ]);
  const first = page.locator('[data-pointer="/tags/0"] input');
  await first.click();
  await page.evaluate(() => navigator.clipboard.writeText("vip\ngold\nnew"));
  await page.keyboard.press("ControlOrMeta+V");
  await until(
    "three tags",
    async () => (await paramsOf(stage, "flow_tags")).tags.join() === "vip,gold,new",
  );
  // The form put them there, so the browser has nothing to take back.
  await page.keyboard.press("ControlOrMeta+Z");
  await until("no tag", async () => (await paramsOf(stage, "flow_tags")).tags.join() === "");
  await page.keyboard.press("ControlOrMeta+V");
  await first.pressSequentially("!");
  await page.keyboard.press("ControlOrMeta+Z");
  await until("what was typed to go", async () => {
    const { tags } = await paramsOf(stage, "flow_tags");
    return tags.join() === "vip,gold,new";
  });
});

/** A flow built from nothing by mouse, run by hand and published; and the demo's first minute. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import {
  drag,
  edgesAre,
  exit,
  flowOf,
  middleOf,
  node,
  panel,
  quickAdd,
  saved,
} from "./kit/editor.ts";
import { until } from "./kit/server.ts";
import { type Look, type Stage, storiesOn } from "./kit/story.ts";

const story = storiesOn({ command: "demo" });

story("the demo's link signs in to three active flows, and works once", async (stage) => {
  const page = await stage.open(stage.server.link.replace(stage.server.url, ""), {
    stranger: true,
    refusals: [401, 410],
  });
  await page.getByRole("link", { name: "Tag VIP orders" }).waitFor();
  const flows = page.getByRole("list", { name: "Flows" }).getByRole("listitem");
  expect(await flows.count()).toBe(3);
  expect(await flows.getByText("Active", { exact: true }).count()).toBe(3);
  expect(page.url()).not.toContain("#t=");
  await stage.keepSession(page);
  const again = await stage.open(stage.server.link.replace(stage.server.url, ""), {
    stranger: true,
    refusals: [401, 410],
  });
  await again.getByText("This link has been used or has expired").waitFor();
});

story("a flow is built from nothing by mouse, run by hand and published", async (stage) => {
  const page = await stage.open("/flows");
  await page.getByRole("button", { name: "New flow" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Tell the team");
  await page.getByRole("button", { name: "Create and open" }).click();
  await page.getByText("How does this flow start?").waitFor();

  // The trigger is dragged from the palette.
  await page.getByRole("combobox", { name: "Search nodes" }).fill("order created");
  const item = page.locator('[data-type="shopify.order_created"]');
  await item.dragTo(page.locator(".react-flow"), { targetPosition: { x: 200, y: 260 } });
  await node(page, "order_created").waitFor();
  // Where there is one account only, it is taken.
  const account = panel(page).getByRole("combobox", { name: "Account" });
  await until("the shop's account", async () => (await account.inputValue()).includes("Demo shop"));
  await page.keyboard.press("Escape");
  await panel(page).waitFor({ state: "detached" });

  // The message is pulled out of the trigger, and connected by that.
  const canvas = await middleOf(page.locator(".react-flow"));
  await drag(page, exit(page, "order_created"), { x: canvas.x + 40, y: canvas.y });
  await quickAdd(page).getByRole("combobox").fill("slack post");
  await page.keyboard.press("Enter");
  await node(page, "post_message").waitFor();
  await edgesAre(page, 1);

  // Its account is a new twin, made and tested here.
  await panel(page).getByRole("button", { name: "Connect", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: /Try it without a password/ }).click();
  await dialog.getByLabel("Name").fill("Practice chat");
  await dialog.getByRole("button", { name: "Connect and test" }).click();
  await dialog.getByRole("button", { name: "Use this connection" }).click();
  await dialog.waitFor({ state: "hidden" });
  await expect.poll(() => account.inputValue()).toContain("Practice chat");

  // Its channel is looked up, its text is a formula that completes.
  await panel(page).getByRole("combobox", { name: "Channel" }).fill("#orders");
  await page.keyboard.press("Escape"); // Closes the list of channels, and not the panel.
  const text = panel(page).locator('[data-pointer="/text"]');
  await text.locator("textarea, input").first().click();
  await page.keyboard.type("New order {{");
  const editor = text.locator(".cm-content");
  await editor.waitFor();
  await page.keyboard.type("order_created.tot");
  const offer = page.locator(".cm-tooltip-autocomplete").getByText("total", { exact: true });
  // The list takes no click in the moment in which it comes up under a hand.
  await until("the offer to be taken", async () => {
    await offer.click({ timeout: 1_000 }).catch(() => {});
    return (await editor.textContent()) === "New order {{ order_created.total }}";
  });
  await text.getByText(/New order \d+\.\d\d/).waitFor();
  await saved(page);

  // It runs by hand, with the example order.
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Run", exact: true }).click();
  await page.waitForURL(/\?run=run_/);
  await node(page, "post_message").and(page.locator('[data-state="succeeded"]')).waitFor();
  await node(page, "post_message").click();
  await page.getByRole("heading", { name: "Went in" }).waitFor();
  await panel(page).getByText("C0DEMO").first().waitFor(); // The channel's id, by its name.
  await panel(page)
    .getByText(/New order \d+\.\d\d/)
    .first()
    .waitFor();

  await page.getByRole("link", { name: "Back to editing" }).click();
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByText("Active", { exact: true }).waitFor();
});

async function openStarted({ server, open }: Stage, id: string, nodes: unknown[], look?: Look) {
  await server.ask("POST", "/flows", { document: flowOf(id, nodes) });
  return await open(`/flows/${id}`, look);
}
const order = { id: "order_created", type: "shopify.order_created" };
const inField = (page: Page, pointer: string) =>
  until(`the focus in ${pointer}`, () =>
    page.evaluate(
      (place) =>
        document.activeElement?.closest<HTMLElement>("[data-pointer]")?.dataset.pointer === place,
      pointer,
    ),
  );

story("a new branch asks for its condition, and scolds only once it is to work", async (stage) => {
  const page = await openStarted(stage, "flow_fresh", [order], { refusals: [422] });
  await node(page, "order_created").click();
  await panel(page).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("n");
  await quickAdd(page).waitFor();
  await page.keyboard.type("branch");
  await page.keyboard.press("Enter");
  await inField(page, "/rules/0/when");
  const branch = node(page, "branch");
  await branch.getByText("If", { exact: true }).waitFor();
  await branch.and(page.locator('[data-level="todo"]')).waitFor();
  await panel(page).getByText("To fill in").waitFor();
  await page.getByRole("button", { name: "Publish" }).click();
  await branch.and(page.locator('[data-level="error"]')).waitFor();
  // Its problem leads to the field.
  await page.keyboard.press("Escape");
  const problems = page.getByRole("region", { name: "Problems" });
  await problems.getByRole("button", { name: /Branch/ }).click();
  await inField(page, "/rules/0/when");
});

story("a flow without a trigger leads to the triggers", async (stage) => {
  const page = await openStarted(stage, "flow_headless", [{ id: "stop", type: "core.stop" }]);
  await node(page, "stop").waitFor();
  await page.getByRole("button", { name: /problem/ }).click();
  await page
    .getByRole("button", { name: /trigger/i })
    .and(page.locator("[data-level]"))
    .click();
  await page.getByRole("heading", { name: "How does this flow start?" }).waitFor();
  expect(await page.locator('[data-type="core.log"]').count()).toBe(0);
  await page.keyboard.type("order created");
  await page.keyboard.press("Enter");
  await node(page, "order_created").waitFor();
});

async function addTags(page: Page): Promise<void> {
  await page.keyboard.press("n");
  await quickAdd(page).waitFor();
  await page.keyboard.type("add tags");
  await page.keyboard.press("Enter");
  await node(page, "add_tags").waitFor();
}

story("an id that fits is offered from the order that started the flow", async (stage) => {
  const page = await openStarted(stage, "flow_offer", [order]);
  await node(page, "order_created").click();
  await panel(page).waitFor();
  await page.keyboard.press("Escape");
  await addTags(page);
  await page.getByRole("button", { name: "Use “Order created › Id”" }).click();
  await until("the draft to say it", async () => {
    const { document } = await stage.server.ask("GET", "/flows/flow_offer");
    return document.nodes[1]?.params?.id?.$text === "{{ order_created.id }}";
  });
});

story("a node goes with one undo, though its only account was chosen by itself", async (stage) => {
  const page = await openStarted(stage, "flow_undone", [order]);
  await node(page, "order_created").click();
  // What was there without an account takes the only one when it is opened.
  const account = panel(page).getByRole("combobox", { name: "Account" });
  await expect.poll(() => account.inputValue()).toContain("Demo shop");
  await page.keyboard.press("Escape");
  await addTags(page);
  await expect.poll(() => account.inputValue()).toContain("Demo shop");
  await page.getByRole("button", { name: "Undo" }).click();
  await node(page, "add_tags").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Redo" }).click();
  await node(page, "add_tags").waitFor();
  await saved(page);
  const { document } = await stage.server.ask("GET", "/flows/flow_undone");
  expect(document.nodes.map((it: { connection?: string }) => it.connection)).toEqual([
    expect.stringMatching(/^conn_/),
    expect.stringMatching(/^conn_/),
  ]);
  await page.getByRole("button", { name: "Undo" }).click();
  await node(page, "add_tags").waitFor({ state: "detached" });
  await node(page, "order_created").click();
  // The account that was taken goes too, and stays away.
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => account.inputValue()).toBe("");
  await page.getByRole("button", { name: "Redo" }).and(page.locator(":enabled")).waitFor();
});

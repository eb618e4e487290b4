/** Data into parameters without typing: by click, by drag, by keyboard; and formulas put right. */
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { flowOf, middleOf, node, panel } from "./kit/editor.ts";
import { until } from "./kit/server.ts";
import { type Stage, storiesOn } from "./kit/story.ts";

const story = storiesOn({ command: "demo" });

const tellOf = (id: string, text: unknown) =>
  flowOf(
    id,
    [
      { id: "order", type: "shopify.order_created", label: "Order" },
      { id: "tell", type: "slack.post_message", params: { channel: "#vip", text } },
    ],
    [{ from: "order", to: "tell" }],
    { layout: { order: [0, 0], tell: [320, 0] } },
  );

async function openTell({ server, open }: Stage, id: string, text: unknown) {
  await server.ask("POST", "/flows", { document: tellOf(id, text) });
  const page = await open(`/flows/${id}`);
  await node(page, "tell").click();
  await field(page).waitFor();
  return page;
}

const field = (page: Page): Locator => panel(page).locator('[data-pointer="/text"]');
const editor = (page: Page) => field(page).locator(".cm-content");
const pills = (page: Page) => field(page).locator("[data-pill]");
const row = (page: Page, name: RegExp) => panel(page).getByRole("treeitem", { name }).first();
const beside = (page: Page) => page.getByRole("button", { name: "Show the input beside" }).click();

const told = async ({ server }: Stage, id: string, text: string) =>
  until(`the text “${text}”`, async () => {
    const { document } = await server.ask("GET", `/flows/${id}`);
    return JSON.stringify(document.nodes[1].params.text) === JSON.stringify({ $text: text });
  });

story("a field is mapped by two clicks, and stands there by its name and value", async (stage) => {
  const page = await openTell(stage, "flow_click", "New order");
  await beside(page);
  // What comes beside the form takes room from the canvas; the node that it is about stays there.
  await until("the node in sight", async () => {
    const box = await node(page, "tell").boundingBox();
    const room = await page.locator(".react-flow").boundingBox();
    return box && room && box.x + box.width <= room.x + room.width;
  });
  await field(page).getByRole("textbox").click();
  await row(page, /^Total\b/).click();
  await pills(page).getByText("Order › Total").waitFor();
  await expect.poll(() => pills(page).innerText()).toContain("124.85");
  await told(stage, "flow_click", "New order {{ order.total }}");
});

story("a field is dragged into a text, where it is let go", async (stage) => {
  const page = await openTell(stage, "flow_drag", { $text: "{{ order.name }} is new" });
  await beside(page);
  await editor(page).waitFor();
  const { y } = await middleOf(editor(page));
  const box = await editor(page).boundingBox();
  await row(page, /^Currency\b/).hover();
  await page.mouse.down();
  await page.mouse.move((box?.x ?? 0) + 40, y, { steps: 4 });
  await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) - 20, y, { steps: 4 });
  await field(page).locator(".cm-dropCursor").waitFor();
  await page.mouse.up();
  await pills(page).nth(1).waitFor();
  // Nothing goes on saying that something is about to be dropped.
  await field(page).locator(".cm-dropCursor").waitFor({ state: "detached" });
  expect(await field(page).getAttribute("data-dropping")).toBeNull();
  await told(stage, "flow_drag", "{{ order.name }} is new{{ order.currency }}");
});

story(
  "a field is dragged into a plain text, between the words where it is let go",
  async (stage) => {
    const page = await openTell(stage, "flow_drop", "Order is here");
    await beside(page);
    const text = field(page).getByRole("textbox");
    // Right behind the first word: what stands before a place is as wide as it is measured to be.
    const at = await text.evaluate((it) => {
      const { font, paddingLeft } = getComputedStyle(it);
      const pen = document.createElement("canvas").getContext("2d");
      if (!pen) throw new Error("no canvas");
      pen.font = font;
      return Number.parseFloat(paddingLeft) + pen.measureText("Order").width;
    });
    const box = await text.boundingBox();
    const [x, y] = [(box?.x ?? 0) + at + 1, (box?.y ?? 0) + 16];
    await row(page, /^Currency\b/).hover();
    await page.mouse.down();
    await page.mouse.move(x + 60, y, { steps: 4 });
    await page.mouse.move(x, y, { steps: 4 });
    // A cursor stands there, which no program that reads the page aloud hears of.
    const caret = () =>
      field(page).evaluate((it) => {
        const { content, left } = getComputedStyle(it, "::after");
        return content === "none" ? 0 : it.getBoundingClientRect().x + Number.parseFloat(left);
      });
    await until("the cursor", async () => Math.abs((await caret()) - x) < 3);
    await page.mouse.up();
    await told(stage, "flow_drop", "Order {{ order.currency }} is here");
    expect(await caret()).toBe(0);
  },
);

story("a field let go of before a word does not run into it", async (stage) => {
  const page = await openTell(stage, "flow_before", "is here");
  await beside(page);
  const box = await field(page).getByRole("textbox").boundingBox();
  const [x, y] = [(box?.x ?? 0) + 6, (box?.y ?? 0) + 16];
  await row(page, /^Currency\b/).hover();
  await page.mouse.down();
  await page.mouse.move(x + 60, y, { steps: 4 });
  await page.mouse.move(x, y, { steps: 4 });
  await page.mouse.up();
  await told(stage, "flow_before", "{{ order.currency }} is here");
});

story("the keyboard alone maps a field, walks over it, opens it and removes it", async (stage) => {
  const page = await openTell(stage, "flow_by_key", { $text: "By " });
  await editor(page).press("End");
  await field(page).getByRole("button", { name: "Insert data from before" }).press("Enter");
  const search = page.getByRole("searchbox", { name: "Search in the data" });
  await until("the search to have the focus", () =>
    search.evaluate((it) => it === document.activeElement),
  );
  await page.keyboard.type("first_name");
  // What Enter takes is marked; the arrows lead on from there.
  await page.getByRole("treeitem", { name: /First name/, selected: true }).waitFor();
  await page.keyboard.press("Enter");
  await told(stage, "flow_by_key", "By {{ order.customer.first_name }}");
  await page.keyboard.press("ArrowLeft");
  await field(page).locator("[data-chosen]").waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Order › Customer › First name" }).waitFor();
  await page.keyboard.press("Escape");
  await until("the focus in the text", () =>
    editor(page).evaluate((it) => it.contains(document.activeElement)),
  );
  await page.keyboard.press("Backspace");
  await told(stage, "flow_by_key", "By ");
});

story("a filter is chosen in words, and touches nothing beside its field", async (stage) => {
  const source = "{{order.name}}  of {{ order.customer.name }} {{ 1 + 1 }}";
  const page = await openTell(stage, "flow_filter", { $text: source });
  await pills(page).nth(1).click();
  await page.getByRole("button", { name: "in capitals" }).click();
  await told(stage, "flow_filter", source.replace("customer.name", "customer.name | upper"));
  await pills(page).getByText("LUCÍA FERNÁNDEZ").waitFor();
  await page.getByRole("button", { name: "Remove “in capitals”" }).click();
  await told(stage, "flow_filter", source);
});

story(
  "who clicks a field in a text and types goes on behind it; Delete removes it",
  async (stage) => {
    const page = await openTell(stage, "flow_type_on", { $text: "For {{ order.name }}." });
    await pills(page).click();
    await page.getByRole("dialog", { name: "Order › Name" }).waitFor();
    await page.keyboard.type(" at once", { delay: 30 });
    await told(stage, "flow_type_on", "For {{ order.name }} at once.");
    await pills(page).click();
    await page.getByRole("dialog", { name: "Order › Name" }).waitFor();
    await page.keyboard.press("Delete");
    await page.keyboard.type("you");
    await told(stage, "flow_type_on", "For you at once.");
  },
);

story("from a clicked field the arrows go on to either side, and Ctrl-Z undoes", async (stage) => {
  const page = await openTell(stage, "flow_sides", { $text: "For {{ order.name }}." });
  const menu = page.getByRole("dialog", { name: "Order › Name" });
  for (const [key, typed] of [
    ["ArrowLeft", "<"],
    ["ArrowRight", ">"],
  ] as const) {
    await pills(page).click();
    await menu.waitFor();
    await page.keyboard.press(key);
    await page.keyboard.type(typed);
  }
  await told(stage, "flow_sides", "For <{{ order.name }}>.");
  await pills(page).click();
  await menu.waitFor();
  await page.keyboard.press("Control+z");
  await menu.waitFor({ state: "detached" });
  await told(stage, "flow_sides", "For <{{ order.name }}.");
});

story("a field of a node that is gone is marked, and cured by choosing another", async (stage) => {
  const page = await openTell(stage, "flow_gone", { $text: "For {{ shop.total }}" });
  await field(page).getByText("Nothing before this node is called “shop”").waitFor();
  await field(page).locator("[data-lost]").click();
  const menu = page.getByRole("dialog");
  await menu.getByRole("treeitem", { name: /^Total\b/ }).click();
  await pills(page).getByText("Order › Total").waitFor();
  await field(page).locator("[data-lost]").waitFor({ state: "detached" });
  await told(stage, "flow_gone", "For {{ order.total }}");
});

story("a wrong name is underlined where it stands, and put right by one click", async (stage) => {
  const page = await openTell(stage, "flow_cure", { $text: "Sum {{ order.totl + 1 }}" });
  const wrong = field(page).getByText(/no field “totl”/);
  await wrong.waitFor();
  await field(page).locator("[data-wrong-here]").getByText("totl").waitFor();
  await field(page).getByRole("button", { name: "Use “total”" }).click();
  await field(page).getByText("Sum 125.85").waitFor();
  await told(stage, "flow_cure", "Sum {{ order.total + 1 }}");
});

story("long ids and decimals of a run are shown, mapped and copied exactly", async (stage) => {
  const { server, open } = stage;
  const nodes = [
    { id: "start", type: "core.manual", label: "Start" },
    { id: "note", type: "core.log", params: { message: { $text: "{{ start.id }}" } } },
  ];
  await server.ask("POST", "/flows", {
    document: flowOf("flow_exact", nodes, [{ from: "start", to: "note" }]),
  });
  const event = '{"id": 820982911946154508, "price": 10.10}';
  const run = await server.ask("POST", "/flows/flow_exact/runs", `{"event": ${event}}`);
  await until("the run's end", async () => {
    const { state } = await server.ask("GET", `/runs/${run.run}`);
    return state === "succeeded";
  });
  const page = await open("/flows/flow_exact");
  await node(page, "note").click();
  await page.locator("[data-pill]").getByText("820982911946154508").waitFor();
  await beside(page);
  await row(page, /^Price/).click();
  const detail = panel(page).getByRole("region", { name: "The chosen field" });
  await detail.getByRole("button", { name: "Copy value" }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe("10.10");
  await page.getByRole("radio", { name: "JSON" }).locator("..").click();
  await panel(page).getByText('"id": 820982911946154508').waitFor();
});

story("on a phone the input says how a field is put into a text, and it is", async (stage) => {
  await stage.server.ask("POST", "/flows", { document: tellOf("flow_phone", "New order ") });
  const page = await stage.open("/flows/flow_phone?node=tell", { width: 390 });
  const sheet = page.getByRole("dialog", { name: "Settings of the step" });
  await sheet.getByRole("tab", { name: "Input" }).click();
  await sheet.getByText("above the parameter it is for").waitFor();
  await sheet.getByRole("tab", { name: "Setup" }).click();
  const text = sheet.locator('[data-pointer="/text"]');
  await text.getByRole("button", { name: "Insert data from before" }).click();
  await page
    .getByRole("treeitem", { name: /^Total\b/ })
    .first()
    .click();
  await text.locator("[data-pill]").getByText("Order › Total").waitFor();
  await told(stage, "flow_phone", "New order {{ order.total }}");
});

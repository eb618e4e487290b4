/** A flow as sentences: built on a phone and by keyboard alone, rearranged, run, read in any language. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { barriers } from "./kit/barrier.ts";
import { flowOf, panel, saved } from "./kit/editor.ts";
import { until } from "./kit/server.ts";
import { type Stage, storiesOn } from "./kit/story.ts";

const story = storiesOn({ command: "demo" });

const step = (page: Page, id: string) => page.getByTestId(`step-${id}`);
const numbers = (page: Page) =>
  page.locator("[data-step]").evaluateAll((rows) =>
    rows.map((row) => {
      const { step: id } = (row as HTMLElement).dataset;
      return `${/\S+(?=:)/.exec(row.getAttribute("aria-label") ?? "")?.[0]} ${id}`;
    }),
  );
const focused = (page: Page) =>
  page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.step ?? null);
const draftOf = async ({ server }: Stage, id: string) =>
  (await server.ask("GET", `/flows/${id}`)).document;

async function make({ server }: Stage, id: string, nodes: unknown[], edges: unknown[]) {
  await server.ask("POST", "/flows", { document: flowOf(id, nodes, edges) });
}

/** Opens a flow as sentences in a wide window. */
async function openWide(stage: Stage, id: string, look = {}): Promise<Page> {
  const page = await stage.open(`/flows/${id}`, look);
  await page.locator(".react-flow, [data-step]").first().waitFor();
  await page.locator('[aria-keyshortcuts$="Shift+L"]').click();
  await page.locator("[data-step]").first().waitFor();
  return page;
}

const check = (ports: string[]) => ({
  id: "check",
  type: "core.branch",
  params: { rules: ports.map((port) => ({ port, when: { $expr: "start.total > 500" } })) },
});
const note = (id: string, more = {}) => ({
  id,
  type: "core.log",
  params: { message: id },
  ...more,
});
const start = { id: "start", type: "core.manual" };

story("on a phone, VIP orders are tagged and told to Slack, from nothing", async (stage) => {
  await make(stage, "flow_phone", [], []);
  const page = await stage.open("/flows/flow_phone", { width: 390 });
  const sheet = page.getByRole("dialog");
  const add = async (query: string, type: string) => {
    await sheet.getByRole("combobox", { name: "Search nodes" }).fill(query);
    await sheet.locator(`[data-type="${type}"]`).click();
    await sheet.locator("section").first().waitFor();
  };
  const close = async () => {
    await sheet.getByRole("button", { name: "Close the panel" }).click();
    await sheet.waitFor({ state: "detached" });
  };
  await page.getByRole("heading", { name: "How does this flow start?" }).waitFor();
  await page.getByRole("button", { name: /^Order created/ }).click();
  await sheet.getByRole("combobox", { name: "Account" }).waitFor();
  await close();

  // What comes next is asked for in words.
  await page.getByText("Add a step", { exact: true }).click();
  await add("branch", "core.branch");
  await close();
  // The condition is a part of its sentence.
  await page.getByRole("button", { name: /^When:/ }).click();
  await sheet.locator('[data-pointer="/rules/0/when"]').waitFor();
  await close();
  await expect.poll(() => numbers(page)).toEqual(["1 order_created", "2 branch"]);

  await page.getByRole("button", { name: "Add a step here" }).first().click();
  await add("add tags", "shopify.add_tags");
  await close();
  await page.getByRole("button", { name: "Add a step after 2a.1" }).click();
  await add("slack post", "slack.post_message");
  await close();
  await expect
    .poll(() => numbers(page))
    .toEqual(["1 order_created", "2 branch", "2a.1 add_tags", "2a.2 post_message"]);
  await step(page, "post_message").getByRole("button", { name: "Text: to fill in" }).click();
  await until("the field to have the focus", () =>
    sheet
      .locator('[data-pointer="/text"]')
      .evaluate((field) => field.contains(document.activeElement)),
  );
  await page.keyboard.type("Celebrate");
  await close();
  await step(page, "post_message").getByRole("button", { name: "Text: Celebrate" }).waitFor();
  const kept = async () => (await draftOf(stage, "flow_phone")).edges;
  await expect.poll(kept).toEqual([
    { from: "order_created", to: "branch" },
    { from: "branch", port: "path_1", to: "add_tags" },
    { from: "add_tags", to: "post_message" },
  ]);
  // Nothing of it is wider than the phone.
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});

story("by keyboard alone a flow is built, and the focus is never lost", async (stage) => {
  await make(stage, "flow_hands", [start], []);
  const page = await openWide(stage, "flow_hands");
  const add = async (query: string) => {
    await page.keyboard.press("n");
    await page.getByRole("dialog").getByRole("combobox").waitFor();
    await page.keyboard.type(query);
    await page.keyboard.press("Enter");
    await until("the form to have the focus", () =>
      page.evaluate(() => document.activeElement?.closest("[data-panel]") !== null),
    );
    await page.keyboard.press("Escape");
    await panel(page).waitFor({ state: "detached" });
  };
  await step(page, "start").focus();
  await add("branch");
  await until("the new step to have the focus", async () => (await focused(page)) === "branch");
  await add("write to the log");
  await expect.poll(() => numbers(page)).toEqual(["1 start", "2 branch", "2a.1 log"]);
  await until("the focus", async () => (await focused(page)) === "log");
  await page.keyboard.press("F2");
  await page.getByRole("dialog", { name: "Rename" }).waitFor();
  await page.keyboard.type("Say it");
  await page.keyboard.press("Enter");
  await step(page, "log").getByText("Say it").waitFor();
  await until("the focus after naming", async () => (await focused(page)) === "log");
  // Down: out of the first way and into the other.
  await page.keyboard.press("Alt+ArrowDown");
  await page.getByText("Moved: it is step 2b.1 now.").waitFor({ state: "attached" });
  await expect.poll(() => focused(page)).toBe("log");
  await page.keyboard.press("ArrowUp");
  await expect.poll(() => focused(page)).toBe("branch");
  await page.keyboard.press("Delete");
  await expect.poll(() => numbers(page)).toEqual(["1 start", "2 log"]);
  await expect.poll(() => focused(page)).not.toBeNull();
  await page.keyboard.press("Control+z");
  await expect.poll(() => numbers(page)).toEqual(["1 start", "2 branch", "2b.1 log"]);
  await expect.poll(() => focused(page)).not.toBeNull();
});

story("a step's menu joins, parts, copies, notes and switches off", async (stage) => {
  const nodes = [start, check(["vip"]), note("one"), note("two"), note("last")];
  await make(stage, "flow_menu", nodes, [
    { from: "start", to: "check" },
    { from: "check", port: "vip", to: "one" },
    { from: "check", port: "else", to: "two" },
    { from: "one", to: "last" },
  ]);
  const page = await openWide(stage, "flow_menu");
  const choose = async (id: string, item: string) => {
    await step(page, id)
      .getByRole("button", { name: /^What to do with step/ })
      .click();
    // All of it is in the window: a page that a menu makes longer moves away under the hand.
    const { y, height } = (await page.getByRole("menu").boundingBox()) ?? { y: 0, height: 0 };
    expect(y + height).toBeLessThanOrEqual(900);
    await page.getByRole("menuitem", { name: item }).click();
  };
  await expect
    .poll(() => numbers(page))
    .toEqual(["1 start", "2 check", "2a.1 one", "2a.2 last", "2b.1 two"]);
  await choose("two", "Continue at…");
  await page.getByRole("dialog").getByRole("button", { name: /last/ }).click();
  await expect
    .poll(() => numbers(page))
    .toEqual(["1 start", "2 check", "2a.1 one", "2b.1 two", "3 last"]);
  await step(page, "two").getByText("continues at").waitFor();
  await step(page, "one").getByRole("button", { name: "Do not continue at step 3" }).click();
  await expect
    .poll(() => numbers(page))
    .toEqual(["1 start", "2 check", "2a.1 one", "2b.1 two", "2b.2 last"]);
  await choose("last", "Move to…");
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^2a\.1/ })
    .click();
  await expect
    .poll(() => numbers(page))
    .toEqual(["1 start", "2 check", "2a.1 one", "2a.2 last", "2b.1 two"]);
  await choose("two", "Duplicate");
  await step(page, "log").waitFor();
  await choose("two", "Switch off");
  await step(page, "two").getByText("switched off").waitFor();
  await choose("two", "Add a note");
  await page.getByRole("dialog").getByRole("textbox").fill("Ask Ion first");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await step(page, "two").getByText("Ask Ion first").waitFor();
  await saved(page);
  const draft = await draftOf(stage, "flow_menu");
  expect(draft.edges).toContainEqual({ from: "two", to: "log" });
  expect(draft.nodes.find((it: { id: string }) => it.id === "two").disabled).toBe(true);
});

story("what is wrong is said at its sentence and leads to its field", async (stage) => {
  await make(
    stage,
    "flow_bad",
    [start, { id: "tell", type: "slack.post_message", params: { channel: "#orders", text: "" } }],
    [{ from: "start", to: "tell" }],
  );
  const page = await openWide(stage, "flow_bad");
  await step(page, "tell").getByRole("button", { name: /text/i }).last().click();
  await until("the field to have the focus", () =>
    panel(page)
      .locator('[data-pointer="/text"]')
      .evaluate((field) => field.contains(document.activeElement)),
  );
});

for (const width of [1440, 390]) {
  story(`sentences have no barriers that axe can find, at ${width} pixels`, async (stage) => {
    const page = await stage.open("/flows/flow_vip_orders", { width, dark: width === 390 });
    await page.locator(".react-flow, [data-step]").first().waitFor();
    if (width > 600) await page.locator('[aria-keyshortcuts$="Shift+L"]').click();
    await page.locator("[data-step]").first().waitFor();
    expect(await barriers(page)).toEqual([]);
  });
}

story("what is pasted among the sentences names what could not come along", async (stage) => {
  await make(stage, "flow_paste", [start, note("one")], [{ from: "start", to: "one" }]);
  const page = await openWide(stage, "flow_paste");
  const part = {
    format: 1,
    nodes: [
      { id: "tell", type: "slack.post_message", label: "Tell", connection: "con_elsewhere" },
      { id: "old", type: "ghost.unknown" },
    ],
    edges: [{ from: "tell", to: "old" }],
  };
  await page.evaluate((it) => navigator.clipboard.writeText(it), JSON.stringify(part));
  await step(page, "one").focus();
  await page.keyboard.press("Control+v");
  await page.getByText("“Tell” needs a connection: the one it had is not here.").waitFor();
  await page.getByText("“ghost.unknown” is not installed here.").waitFor();
  await until("the step without that connection", async () => {
    const { nodes } = await draftOf(stage, "flow_paste");
    return nodes.length === 4 && nodes[2].connection !== "con_elsewhere";
  });
});

story("on a phone, notes and groups are read, written and taken away", async (stage) => {
  await make(
    stage,
    "flow_noted",
    [start, note("one"), note("two")],
    [
      { from: "start", to: "one" },
      { from: "one", to: "two" },
    ],
  );
  const page = await stage.open("/flows/flow_noted", { width: 390 });
  const notes = page.getByRole("region", { name: "Notes and groups" });
  await notes.getByRole("button", { name: "Write a note" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Text of the note" }).fill("Ask **Ana** first");
  await dialog.getByRole("button", { name: "Save" }).click();
  await notes.locator("strong", { hasText: "Ana" }).waitFor();

  await page.getByRole("button", { name: "What to do with step 2" }).click();
  await page.getByRole("menuitem", { name: "Choose several" }).click();
  await step(page, "two").click();
  await page.getByRole("button", { name: "Group the steps" }).click();
  await notes.getByText("Steps 2 and 3").waitFor();
  await notes.getByRole("button", { name: "Rename the group" }).click();
  await dialog.getByRole("textbox", { name: "Title of the group" }).fill("Log both");
  await dialog.getByRole("button", { name: "Save" }).click();
  await notes.getByText("Log both").waitFor();
  expect(await barriers(page)).toEqual([]);
  await saved(page);
  const drafted = await draftOf(stage, "flow_noted");
  expect(drafted.notes).toMatchObject([
    { text: "Ask **Ana** first" },
    { title: "Log both", nodes: ["one", "two"] },
  ]);

  await notes.getByRole("button", { name: "Take the group apart" }).click();
  await notes.getByRole("button", { name: "Delete the note" }).click();
  await notes.getByRole("listitem").waitFor({ state: "detached" });
  await saved(page);
  expect((await draftOf(stage, "flow_noted")).notes ?? []).toEqual([]);
  expect(await numbers(page)).toEqual(["1 start", "2 one", "3 two"]);
});

// The last one: it leaves the person who tells stories here with another language.
story("a run is told step by step, and in Romanian", async (stage) => {
  await make(
    stage,
    "flow_told",
    [start, check(["vip"]), note("yes"), note("no")],
    [
      { from: "start", to: "check" },
      { from: "check", port: "vip", to: "yes" },
      { from: "check", port: "else", to: "no" },
    ],
  );
  const { run } = await stage.server.ask("POST", "/flows/flow_told/runs", {
    event: { total: 900 },
    trigger: "start",
    version: "draft",
  });
  const page = await stage.open("/flows");
  await page.getByRole("button", { name: /Demo/ }).click();
  await page.getByRole("menuitemradio", { name: /Română/ }).click();
  await page.getByRole("heading", { name: "Fluxuri", level: 1 }).waitFor();
  await page.goto(`/flows/flow_told?run=${run}`);
  await page.locator('[aria-keyshortcuts$="Shift+L"]').click();
  await page.getByText(/este mai mult de 500/).waitFor();
  await step(page, "yes").getByText("Gata").waitFor();
  await step(page, "no").getByText("Sărit").waitFor();
});

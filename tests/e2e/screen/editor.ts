/** The editor: its canvas, its sentences, and whatever opens in or over them. */
import type { Page } from "playwright-core";
import { node, panel, saved } from "../kit/editor.ts";
import {
  button,
  canvas,
  dialog,
  failing,
  inTurn,
  isPhone,
  item,
  key,
  menu,
  nodeForm,
  type Screen,
  sees,
  sentences,
  silent,
} from "./screen.ts";

const fields = "/flows/flow_fields";
const live = "/flows/flow_vip_orders";
const published = "/flows/flow_reminder";

const tab = (name: string) => (page: Page) => page.getByRole("tab", { name }).click();
const more = button("More");
const field = (page: Page, pointer: string) => page.locator(`[data-pointer="${pointer}"]`);
/** The data beside the form; a browser remembers that it stood there. */
const pane = (side: "input" | "output") => async (page: Page) => {
  const shown = page.getByRole("button", { name: `Hide the ${side} beside` });
  const hidden = page.getByRole("button", { name: `Show the ${side} beside` });
  await shown.or(hidden).waitFor();
  if ((await hidden.count()) > 0) await hidden.click();
};

/** A command by its words, as it is found at every width. */
const command = (words: string) => async (page: Page) => {
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog", { name: "Commands" }).waitFor();
  await page.keyboard.type(words);
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Commands" }).waitFor({ state: "detached" });
};

const versions = inTurn(canvas, more, item("Versions"), sees("Compare with what is live"));

const choose = (...ids: string[]) =>
  inTurn(canvas, async (page) => {
    for (const id of ids) await node(page, id).click({ modifiers: ["Shift"] });
    await page.getByRole("toolbar").waitFor();
  });

const stepMenu = inTurn(sentences, button(/^What to do with step 2/), menu);

export const editor: Screen[] = [
  { name: "editor", path: live, enter: canvas },
  { name: "editor, loading", path: live, before: silent("**/api/v1/flows/*"), loading: true },
  { name: "editor, no such flow", path: "/flows/flow_none", enter: sees("Go to the flows") },
  { name: "editor, notes and groups", path: fields, enter: canvas },
  { name: "editor, nothing in it", path: "/flows/flow_empty", enter: sees(/start/i) },
  {
    name: "editor, the list of nodes",
    path: live,
    only: "phone",
    enter: inTurn(canvas, button("Add a node"), dialog),
  },
  { name: "editor, menu", path: live, enter: inTurn(canvas, more, menu) },
  {
    name: "editor, add a node here",
    path: live,
    enter: inTurn(canvas, key("Home"), key("n"), dialog),
  },
  {
    name: "editor, which way",
    path: live,
    only: "wide",
    enter: inTurn(canvas, key("Home"), key("ArrowRight"), key("x"), dialog),
  },
  {
    name: "editor, search",
    path: fields,
    enter: inTurn(canvas, command("search on the canvas"), async (page) => {
      await page.getByRole("searchbox", { name: "Search on the canvas" }).fill("tell");
      await page.getByText(/^1 of/).waitFor();
    }),
  },
  {
    name: "editor, several chosen",
    path: fields,
    only: "wide",
    enter: choose("vip", "tell", "post"),
  },
  {
    name: "editor, a note chosen",
    path: fields,
    only: "wide",
    enter: inTurn(canvas, async (page) => {
      await page.getByTestId("note-why").click();
      await page.getByRole("toolbar").waitFor();
    }),
  },
  { name: "editor, run by hand", path: live, enter: inTurn(canvas, key("Control+Enter"), dialog) },
  {
    name: "editor, acts outside",
    path: "/flows/flow_booking",
    enter: inTurn(canvas, key("Control+Enter"), dialog, async (page) => {
      await page.getByRole("dialog").getByRole("button", { name: "Run", exact: true }).click();
      await page.getByText("This acts outside Tramo").waitFor();
    }),
  },
  {
    name: "editor, addresses",
    path: published,
    enter: inTurn(canvas, more, item("Addresses"), dialog),
  },
  {
    name: "editor, settings of the flow",
    path: live,
    enter: inTurn(canvas, more, item("Flow settings"), dialog),
  },
  {
    name: "editor, runs",
    path: live,
    enter: inTurn(canvas, more, item("Runs of this flow"), sees("Done")),
  },
  { name: "editor, versions", path: published, enter: versions },
  {
    name: "editor, menu of a version",
    path: published,
    enter: inTurn(versions, button(/^What to do with/), menu),
  },
  {
    name: "editor, compare versions",
    path: published,
    enter: inTurn(versions, button("Compare with what is live"), async (page) => {
      await page.getByRole("region", { name: "Changes" }).getByText(/added/).first().waitFor();
    }),
  },
  {
    name: "editor, publish",
    path: published,
    enter: inTurn(canvas, button("Publish"), sees(/waits? on (an )?older version/)),
  },
  {
    name: "editor, problems",
    path: "/flows/flow_broken",
    enter: inTurn(canvas, button(/problems?$/), async (page) => {
      await page.getByRole("region", { name: "Problems" }).waitFor();
    }),
  },
  {
    name: "editor, not saved",
    path: "/flows/flow_empty",
    before: failing("**/flows/flow_empty/draft*"),
    enter: async (page) => {
      await page.getByLabel("Name of the flow").fill("Not saved");
      await page.locator('[data-saving="failed"]').waitFor();
    },
    async leave(page) {
      await page.unrouteAll();
      await page.evaluate(() => dispatchEvent(new Event("online")));
      await saved(page);
    },
  },
  { name: "form", path: fields, enter: nodeForm("tell") },
  { name: "form, its input", path: live, enter: inTurn(nodeForm("tell"), tab("Input")) },
  { name: "form, its output", path: live, enter: inTurn(nodeForm("check"), tab("Output")) },
  {
    name: "form, input beside",
    path: live,
    only: "wide",
    enter: inTurn(nodeForm("tell"), pane("input"), async (page) => {
      await page.getByRole("region", { name: "Input data" }).waitFor();
    }),
  },
  {
    name: "form, input and output beside",
    path: live,
    from: 1280,
    enter: inTurn(nodeForm("tell"), pane("input"), pane("output"), async (page) => {
      await page.getByRole("region", { name: "Output data" }).waitFor();
    }),
  },
  {
    name: "form, menu",
    path: live,
    enter: inTurn(nodeForm("tell"), button("More about this node"), menu),
  },
  {
    name: "form, ways to run it",
    path: live,
    enter: inTurn(nodeForm("tell"), button("More ways to run it"), menu),
  },
  {
    name: "form, pin data",
    path: live,
    enter: inTurn(nodeForm("tell"), button("Pin data"), item("Pin other data…"), dialog),
  },
  { name: "form, an account", path: live, enter: inTurn(nodeForm("order"), sees(/^Works/)) },
  { name: "form, conditions", path: fields, enter: nodeForm("vip") },
  {
    name: "form, a field for a condition",
    path: fields,
    enter: inTurn(nodeForm("vip"), button(/^Field: /), async (page) => {
      await page.getByRole("tree").last().waitFor();
    }),
  },
  {
    name: "form, a formula",
    path: fields,
    enter: inTurn(nodeForm("vip"), async (page) => {
      await field(page, "/rules/0/when")
        .getByRole("button", { name: /Use a formula/ })
        .click();
      await field(page, "/rules/0/when").locator(".cm-content").waitFor();
    }),
  },
  {
    name: "form, data for a formula",
    path: fields,
    enter: inTurn(nodeForm("tell"), button("Insert data from before"), async (page) => {
      await page.getByRole("searchbox", { name: "Search in the data" }).waitFor();
    }),
  },
  {
    name: "form, what formulas can do",
    path: fields,
    enter: inTurn(nodeForm("tell"), button("What formulas can do"), async (page) => {
      await page.getByRole("searchbox", { name: "Search the filters" }).waitFor();
    }),
  },
  {
    name: "form, a field in a text",
    path: fields,
    enter: inTurn(nodeForm("tell"), async (page) => {
      await field(page, "/text").locator("[data-pill]").first().click();
      await page.getByRole("dialog", { name: /Order/ }).waitFor();
    }),
  },
  {
    name: "form, completion in a formula",
    path: fields,
    only: "wide",
    enter: inTurn(nodeForm("vip"), async (page) => {
      await field(page, "/rules/0/when")
        .getByRole("button", { name: /Use a formula/ })
        .click();
      await field(page, "/rules/0/when").locator(".cm-content").click();
      await page.keyboard.press("End");
      await page.keyboard.type(" and order.");
      await page.locator(".cm-tooltip-autocomplete").waitFor();
    }),
  },
  {
    name: "form, a choice of the account's",
    path: live,
    enter: inTurn(nodeForm("tell"), async (page) => {
      await panel(page)
        .or(page.getByRole("dialog"))
        .getByRole("combobox", { name: "Channel" })
        .first()
        .click();
      await page.getByRole("listbox", { name: "Channel" }).getByRole("option").first().waitFor();
    }),
  },
  { name: "form, a schedule", path: fields, enter: inTurn(nodeForm("clock"), sees(/^Fires next/)) },
  { name: "form, a request", path: fields, enter: nodeForm("post") },
  { name: "form, a public form", path: fields, enter: nodeForm("form") },
  { name: "form, a list", path: fields, enter: nodeForm("tag") },
  { name: "form, an unknown type", path: "/flows/flow_broken", enter: nodeForm("ghost") },
  { name: "form, a wrong formula", path: "/flows/flow_broken", enter: nodeForm("sum") },
  { name: "sentences", path: live, enter: sentences },
  { name: "sentences, of everything", path: fields, enter: sentences },
  { name: "sentences, of what is wrong", path: "/flows/flow_broken", enter: sentences },
  {
    name: "sentences, nothing yet",
    path: "/flows/flow_empty",
    enter: async (page) => {
      if (!isPhone(page)) await button("Show as sentences")(page);
      await page.getByRole("heading", { name: "How does this flow start?" }).waitFor();
    },
  },
  { name: "sentences, menu of a step", path: live, enter: stepMenu },
  { name: "sentences, move to", path: live, enter: inTurn(stepMenu, item("Move to…"), dialog) },
  { name: "sentences, rename", path: live, enter: inTurn(stepMenu, item(/^Rename/), dialog) },
  {
    name: "sentences, several chosen",
    path: live,
    enter: inTurn(stepMenu, item("Choose several"), sees(/chosen/)),
  },
  {
    name: "sentences, add a step",
    path: live,
    enter: inTurn(sentences, button("Add a step after 1"), dialog),
  },
  {
    name: "run on the canvas",
    path: ({ runs }) => `/flows/flow_vip_orders?run=${runs.order}`,
    enter: canvas,
  },
  {
    name: "run on the canvas, a step",
    path: ({ runs }) => `/flows/flow_lines?run=${runs.loop}`,
    enter: inTurn(canvas, async (page) => {
      await node(page, "price").click();
      await page.getByRole("textbox", { name: /Item of/ }).waitFor();
    }),
  },
  {
    name: "run on the canvas, failed",
    path: ({ runs }) => `/flows/flow_divide?run=${runs.failed}`,
    enter: inTurn(canvas, async (page) => {
      await node(page, "sum").click();
      await page
        .getByText(/divided by|zero/i)
        .first()
        .waitFor();
    }),
  },
  {
    name: "run as sentences",
    path: ({ runs }) => `/flows/flow_vip_orders?run=${runs.order}`,
    enter: sentences,
  },
];

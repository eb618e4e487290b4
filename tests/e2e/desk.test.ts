/** What people do where flows need them: answer, settle doubts, hurry waits, try again. */
import { expect } from "vitest";
import { flowOf } from "./kit/editor.ts";
import { HangingServer } from "./kit/neighbour.ts";
import { until } from "./kit/server.ts";
import { type Stage, storiesOn } from "./kit/story.ts";

const story = storiesOn({ command: "demo", env: { TRAMO_PRIVATE_HOSTS: "127.0.0.1" } });

async function begin({ server }: Stage, document: ReturnType<typeof flowOf>, event: unknown = {}) {
  const known = await server.call("GET", `/flows/${document.id}`);
  if (known.status === 404) await server.ask("POST", "/flows", { document });
  const { run } = await server.ask("POST", `/flows/${document.id}/runs`, { event });
  return run as string;
}

const stateOf = async ({ server }: Stage, run: string) =>
  (await server.ask("GET", `/runs/${run}`)).state as string;
const reaches = (stage: Stage, run: string, state: string) =>
  until(`the run is ${state}`, async () => (await stateOf(stage, run)) === state);

const refund = flowOf(
  "flow_refund",
  [
    { id: "start", type: "core.manual" },
    {
      id: "ask",
      type: "core.approve",
      label: "Refund?",
      params: { title: { $text: "Refund {{ start.amount }} €?" }, text: "The lamp came broken." },
    },
    { id: "pay", type: "core.log", label: "Pay it", params: { message: "paid" } },
  ],
  [
    { from: "start", to: "ask" },
    { from: "ask", port: "yes", to: "pay" },
  ],
);

story("a question is answered at its desk, and the run goes on by that way", async (stage) => {
  const run = await begin(stage, refund, { amount: 61 });
  await reaches(stage, run, "waiting");
  const page = await stage.open("/runs");
  await page.getByRole("link", { name: /question waits for an answer/ }).click();
  const card = page
    .getByRole("list", { name: "Open questions" })
    .getByRole("listitem")
    .filter({ hasText: "Refund 61 €?" });
  await card.getByLabel("Add a word").fill("Photo seen");
  await card.getByRole("button", { name: "Yes" }).click();
  await reaches(stage, run, "succeeded");
  await card.waitFor({ state: "detached" });
  const steps = (await stage.server.ask("GET", `/runs/${run}`)).steps;
  const asked = steps.find((it: { node: string }) => it.node === "ask");
  expect(asked.output).toMatchObject({ port: "yes", data: { comment: "Photo seen" } });
});

story("a wait says until when, and goes on at once when it is told to", async (stage) => {
  const nap = flowOf(
    "flow_nap",
    [
      { id: "start", type: "core.manual" },
      { id: "nap", type: "core.wait", label: "Two days", params: { seconds: 172800 } },
    ],
    [{ from: "start", to: "nap" }],
  );
  const run = await begin(stage, nap);
  await reaches(stage, run, "waiting");
  const page = await stage.open(`/runs/${run}`);
  await page.getByRole("button", { name: /Two days/ }).click();
  await page.getByText(/^It waits until .*\(in 1 day|^It waits until .*\(tomorrow/).waitFor();
  await page.getByRole("button", { name: "Go on now" }).click();
  await page.getByText("Every step that had to run has run.").waitFor();
  await page.getByText("ended a wait").waitFor();
});

story("doubts of an outage are settled together, with nothing sent again", async (stage) => {
  const vendor = await HangingServer.start();
  try {
    const book = flowOf(
      "flow_outage",
      [
        { id: "start", type: "core.manual" },
        {
          id: "book",
          type: "core.http_request",
          label: "Book the parcel",
          params: { method: "POST", url: vendor.url, json: { order: 1 } },
        },
      ],
      [{ from: "start", to: "book" }],
    );
    const runs = [await begin(stage, book), await begin(stage, book)];
    for (const run of runs) await reaches(stage, run, "asking");
    const page = await stage.open("/inbox/doubts");
    await page.getByRole("checkbox", { name: "Choose all that are shown" }).click();
    await page.getByText("2 runs chosen").waitFor();
    await page.getByRole("button", { name: "They happened" }).click();
    await page.getByRole("button", { name: "Yes, all happened" }).click();
    for (const run of runs) await reaches(stage, run, "succeeded");
    await page.getByRole("heading", { name: "Nothing is in doubt" }).waitFor();
    expect(await page.getByText("said: it happened").count()).toBe(2);
    expect(vendor.bodies).toHaveLength(2);
  } finally {
    await vendor.stop();
  }
});

story("a failed run has another try that takes over what was done", async (stage) => {
  const divide = flowOf(
    "flow_divide",
    [
      { id: "start", type: "core.manual" },
      { id: "nap", type: "core.wait", label: "A moment", params: { seconds: 1 } },
      {
        id: "sum",
        type: "core.set",
        label: "Divide",
        params: { fields: { x: { $expr: "1 / start.by" } } },
      },
    ],
    [
      { from: "start", to: "nap" },
      { from: "nap", to: "sum" },
    ],
  );
  const run = await begin(stage, divide, { by: 0 });
  await reaches(stage, run, "failed");
  const page = await stage.open(`/runs/${run}`);
  await page.getByRole("button", { name: "Run again" }).click();
  await page.getByRole("menuitem", { name: /From where it failed/ }).click();
  await page.getByRole("region", { name: "Tries" }).getByText("Try 2").waitFor();
  await page.getByText("Taken over").waitFor();
  expect(page.url()).not.toContain(run);
});

story("the runs are found by state, by time and by any text in their data", async (stage) => {
  const stamp = `text-${Date.now()}`;
  await begin(stage, refund, { amount: stamp });
  await begin(stage, refund, { amount: 1 });
  const page = await stage.open("/runs");
  const rows = page.getByRole("list", { name: "Runs" }).getByRole("listitem");
  await rows.first().waitFor();
  await page.getByRole("searchbox", { name: "Search runs" }).fill(stamp);
  await page.getByRole("heading", { name: `No run is known as “${stamp}”` }).waitFor();
  await page.getByRole("switch", { name: /Search in all data/ }).click();
  await until("the run with the text", async () => (await rows.count()) === 1);
  await page.getByRole("group", { name: "State" }).getByText("Failed").click();
  await page.getByRole("heading", { name: "No run fits these filters" }).waitFor();
  expect(page.url()).toContain(`state=failed&text=${stamp}`);
  await page.getByRole("button", { name: "Show all runs" }).click();
  await until("all runs", async () => (await rows.count()) > 1);
});

story("everything about an order stands on one line of time", async (stage) => {
  const { server } = stage;
  const { items } = await server.ask("GET", "/connections");
  const shop = items.find((it: { connector: string }) => it.connector === "shopify").id;
  await server.ask("POST", `/connections/${shop}/twin/deliver`, { type: "shopify.order_created" });
  const run = await until("a run with an order", async () => {
    const { items: found } = await server.ask("GET", "/runs?flow=flow_vip_orders");
    return found.find((it: { keys: unknown[] }) => it.keys.length > 0);
  });
  const page = await stage.open(`/runs/${run.id}`);
  await page.locator("h1").getByRole("link").first().click();
  await page.waitForURL(/\/timeline\?kind=/);
  await page
    .getByText(/^The flow “.*” began/)
    .first()
    .waitFor();
  await page.getByRole("link", { name: /began/ }).first().click();
  await page.getByRole("heading", { name: "Steps" }).waitFor();
});

story("a table is filled from a CSV, changed by hand and searched by key", async (stage) => {
  const page = await stage.open("/data/tables");
  await page.getByRole("button", { name: "Fill a new table" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("points");
  await page.getByRole("button", { name: "Open it" }).click();
  await page.getByRole("heading", { name: "No row yet" }).waitFor();
  await page.getByRole("button", { name: "Take in a CSV" }).click();
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("button", { name: "File" }).click(),
  ]);
  await chooser.setFiles({
    name: "points.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("key,points\nana,820982911946154508\nbea,10.10\n"),
  });
  await page.getByRole("combobox", { name: "Columns with numbers" }).click();
  await page.getByRole("listbox").getByRole("option", { name: "points" }).click();
  await page.getByRole("button", { name: "Take them in" }).click();
  await page.getByRole("cell", { name: "820982911946154508" }).waitFor();
  await page.getByRole("button", { name: "Change “bea”" }).click();
  const value = page.getByRole("dialog").getByLabel("Value");
  expect(await value.inputValue()).toContain('"points": 10.10');
  await value.fill('{"points": 12.50}');
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("cell", { name: "12.50" }).waitFor();
  await page.getByRole("searchbox").fill("an");
  await page.getByRole("cell", { name: "12.50" }).waitFor({ state: "detached" });
});

story("a variable is kept in one place for all flows", async (stage) => {
  const page = await stage.open("/data/variables");
  await page.getByRole("button", { name: "Add a variable" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("vip_limit");
  await page.getByRole("dialog").getByLabel("Value").fill("500.00");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByText("vars.vip_limit").waitFor();
  expect((await stage.server.call("GET", "/variables")).text).toContain("500.00");
});

story("a schedule says when it fires next while it is being written", async (stage) => {
  const document = flowOf("flow_clock", [
    { id: "clock", type: "core.schedule", params: { cron: "0 9 * * 1" } },
  ]);
  await stage.server.ask("POST", "/flows", { document });
  const page = await stage.open("/flows/flow_clock");
  await page.getByTestId("node-clock").click();
  await page.getByRole("heading", { name: /^Fires next/ }).waitFor();
  expect(await page.getByText(/^Mon, /).count()).toBe(5);
});

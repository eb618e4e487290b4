/** Versions of a flow, and two people in one: publishing, comparing, bringing back, taking over. */
import { expect } from "vitest";
import { flowOf, node, panel, saved } from "./kit/editor.ts";
import { openAsBen } from "./kit/guest.ts";
import { until } from "./kit/server.ts";
import { type Stage, storiesOn } from "./kit/story.ts";

const story = storiesOn({ command: "serve" });

const hook = { id: "hook", type: "core.webhook", params: { keys: { order: "body.id" } } };
const rest = { id: "rest", type: "core.wait", params: { seconds: 86_400 } };
const log = (id: string, message: string) => ({ id, type: "core.log", params: { message } });
const layout = { hook: [0, 0], rest: [320, 0], tell: [640, 0] };

const waiting = (id: string, message = "It is paid") =>
  flowOf(
    id,
    [hook, rest, log("tell", message)],
    [
      { from: "hook", to: "rest" },
      { from: "rest", to: "tell" },
    ],
    { layout },
  );

async function openPublished(stage: Stage, id: string, look = {}) {
  await stage.server.ask("POST", "/flows", { document: waiting(id) });
  await stage.server.ask("POST", `/flows/${id}/publish`);
  const page = await stage.open(`/flows/${id}`, look);
  await node(page, "tell").waitFor();
  return page;
}

const draftOf = async ({ server }: Stage, id: string) =>
  (await server.ask("GET", `/flows/${id}`)).document;

story("publishing says what changes, takes a name, and moves the runs that wait", async (stage) => {
  const { server } = stage;
  const page = await openPublished(stage, "flow_move");
  const event = { body: { id: 7 }, headers: {}, query: {}, method: "POST" };
  const { run } = await server.ask("POST", "/flows/flow_move/runs", {
    event,
    version: "published",
  });
  await until(
    "the run to wait",
    async () => (await server.ask("GET", `/runs/${run}`)).state === "waiting",
  );
  await node(page, "tell").click();
  await panel(page)
    .locator('[data-pointer="/message"]')
    .locator("textarea, input")
    .first()
    .fill("It is paid, at last");
  await saved(page);
  await page.getByRole("button", { name: "Not live yet" }).waitFor();
  await page.getByRole("button", { name: "Publish" }).click();
  const dialog = page.getByRole("dialog", { name: "Publish this draft" });
  await dialog.getByText("It is paid, at last").waitFor();
  await dialog.getByLabel("Name of this version").fill("Politer");
  await dialog.getByText("1 run waits on an older version").waitFor();
  await dialog.getByLabel("They go on with this version: 1 of them can").check();
  await dialog.getByRole("button", { name: "Publish now" }).click();
  await page.getByText("1 waiting run was moved.").waitFor();
  const { published } = await server.ask("GET", "/flows/flow_move");
  expect((await server.ask("GET", `/runs/${run}`)).version).toBe(published.version);
  const [newest] = (await server.ask("GET", "/flows/flow_move/versions")).items;
  expect([newest.number, newest.name, newest.live]).toEqual([2, "Politer", true]);
});

story("two versions are compared, and an old one is brought back in one step", async (stage) => {
  const { server } = stage;
  const page = await openPublished(stage, "flow_back");
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Versions" }).click();
  const list = page.getByRole("region", { name: "Versions" });
  await list.getByText("The same as what is live").waitFor();
  await node(page, "tell").click();
  await page.keyboard.press("Escape");
  await node(page, "tell").click();
  await page.keyboard.press("Escape");
  await page.locator(".react-flow__pane").press("Delete");
  await until(
    "the node to be gone",
    async () => (await draftOf(stage, "flow_back")).nodes.length === 2,
  );
  await list.getByRole("button", { name: "Compare with what is live" }).click();
  const compared = page.getByRole("dialog", { name: "Compare versions" });
  const before = compared.getByRole("region", { name: "Before" });
  await before.getByTestId("node-tell").getByText("Removed").waitFor();
  expect(
    await compared.getByRole("region", { name: "After" }).getByTestId("node-tell").count(),
  ).toBe(0);
  await compared.getByRole("region", { name: "Changes" }).getByText("1 removed").waitFor();
  await compared.getByRole("button", { name: "Bring the first one back" }).click();
  await node(page, "tell").waitFor();
  await saved(page);
  expect((await draftOf(stage, "flow_back")).nodes).toHaveLength(3);
  await page.getByRole("button", { name: "Undo" }).click();
  await until(
    "it to be taken out",
    async () => (await draftOf(stage, "flow_back")).nodes.length === 2,
  );
  await list.getByRole("button", { name: "What to do with Version 1" }).click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await list.getByLabel("Name of the version").fill("The first one");
  await page.keyboard.press("Enter");
  await list.getByText("Version 1 · The first one").waitFor();
  expect((await server.ask("GET", "/flows/flow_back/versions")).items[0].name).toBe(
    "The first one",
  );
});

story("the second person reads, sees what is saved, and where the first one is", async (stage) => {
  const ana = await openPublished(stage, "flow_two");
  await saved(ana);
  const ben = await openAsBen(stage, "/flows/flow_two");
  await ben.getByText("Ana Ionescu is editing.").waitFor();
  expect(await ben.getByRole("button", { name: "Publish" }).count()).toBe(0);
  await ana
    .getByLabel("Ben Pop is looking")
    .or(ana.getByText("Ben Pop is looking"))
    .first()
    .waitFor();
  await ana.getByLabel("Name of the flow").fill("Named by Ana");
  await until(
    "Ben to see it",
    async () => (await ben.getByLabel("Name of the flow").inputValue()) === "Named by Ana",
  );
  await node(ana, "rest").click();
  await node(ben, "rest").getByRole("img", { name: "Ana Ionescu here" }).waitFor();
  await ana.close();
  await ben.getByRole("button", { name: "Publish" }).waitFor();
});

story("who takes over edits, and what was not saved is kept and put back", async (stage) => {
  const ana = await openPublished(stage, "flow_take", { refusals: [423], interrupted: true });
  await saved(ana);
  const ben = await openAsBen(stage, "/flows/flow_take");
  await ben.getByText("Ana Ionescu is editing.").waitFor();
  // Ana's saves do not arrive: what she types is in her page only.
  await ana.route("**/draft*", (route) => route.abort());
  await ana.getByLabel("Name of the flow").fill("Typed by Ana");
  await ben.getByRole("button", { name: "Take over" }).click();
  await ben.getByRole("button", { name: "Publish" }).waitFor();
  await ana.getByText("Ben Pop has taken over and is editing now.").waitFor();
  await ana.getByText("Your last changes were not saved when Ben Pop took over.").waitFor();
  await ben.getByLabel("Name of the flow").fill("Named by Ben");
  await until(
    "Ben's name",
    async () => (await draftOf(stage, "flow_take")).name === "Named by Ben",
  );
  await ana.unroute("**/draft*");
  await ana.reload();
  await ana.getByText("Changes of yours that were not saved are kept here.").waitFor();
  await ana.getByRole("button", { name: "Take over" }).click();
  await ana.getByRole("button", { name: "Put them back" }).click();
  await until("her name", async () => (await draftOf(stage, "flow_take")).name === "Typed by Ana");
  await ben.getByText("Ana Ionescu has taken over and is editing now.").waitFor();
});

story(
  "one person with two tabs edits in one, and goes on in the other by a click",
  async (stage) => {
    const first = await openPublished(stage, "flow_tabs");
    await saved(first);
    const second = await first.context().newPage();
    await second.goto("/flows/flow_tabs");
    await second.getByText("You are editing this flow in another tab.").waitFor();
    await second.getByRole("button", { name: "Edit here" }).click();
    await second.getByRole("button", { name: "Publish" }).waitFor();
    await first.getByText("You are editing this flow in another tab.").waitFor();
    await second.getByLabel("Name of the flow").fill("From the second");
    await until(
      "the name",
      async () => (await draftOf(stage, "flow_tabs")).name === "From the second",
    );
    await second.close();
    await first.getByRole("button", { name: "Publish" }).waitFor();
    expect(await first.getByLabel("Name of the flow").inputValue()).toBe("From the second");
  },
);

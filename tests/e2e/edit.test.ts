/** Changing a flow: undo, problems, two windows, the keyboard, copying, healing, tidying. */
import { expect } from "vitest";
import {
  drag,
  edgesAre,
  flowOf,
  middleOf,
  node,
  panel,
  pull,
  quickAdd,
  saved,
} from "./kit/editor.ts";
import { until } from "./kit/server.ts";
import { type Stage, storiesOn } from "./kit/story.ts";

const story = storiesOn({ command: "demo" });

const line = (id: string) =>
  flowOf(
    id,
    [
      { id: "start", type: "core.manual" },
      { id: "one", type: "core.log", params: { message: "first" } },
      { id: "two", type: "core.log", params: { message: "second" } },
    ],
    [
      { from: "start", to: "one" },
      { from: "one", to: "two" },
    ],
    { layout: { start: [0, 0], one: [320, 0], two: [640, 0] } },
  );

async function openLine({ server, open }: Stage, id: string) {
  await server.ask("POST", "/flows", { document: line(id) });
  const page = await open(`/flows/${id}`);
  await node(page, "two").waitFor();
  return page;
}

const draftOf = async ({ server }: Stage, id: string) =>
  (await server.ask("GET", `/flows/${id}`)).document;

story("a changed setting is undone and done again, and saved each time", async (stage) => {
  const page = await openLine(stage, "flow_undo");
  await node(page, "one").click();
  const field = panel(page).locator('[data-pointer="/message"]').locator("textarea, input").first();
  await field.fill("changed");
  await saved(page);
  const stored = async () => (await draftOf(stage, "flow_undo")).nodes[1].params.message;
  await until("the change to be saved", async () => (await stored()) === "changed");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => field.inputValue()).toBe("first");
  await until("the undoing to be saved", async () => (await stored()) === "first");
  await page.getByRole("button", { name: "Redo" }).click();
  await until("the doing again to be saved", async () => (await stored()) === "changed");
});

story("a flow with problems is not published, and a problem leads to its field", async (stage) => {
  await stage.server.ask("POST", "/flows", {
    document: flowOf(
      "flow_wrong",
      [
        { id: "start", type: "core.manual" },
        { id: "tell", type: "slack.post_message", params: { channel: "#orders", text: "" } },
      ],
      [{ from: "start", to: "tell" }],
    ),
  });
  const page = await stage.open("/flows/flow_wrong", { refusals: [422] });
  await page.getByRole("button", { name: "Publish" }).click();
  const list = page.getByRole("region", { name: "Problems" });
  await list.waitFor();
  await page.getByText("Draft", { exact: true }).waitFor();
  await list.getByRole("button", { name: /text/i }).first().click();
  await panel(page).locator('[data-pointer="/text"]').waitFor();
  await until("the field to have the focus", () =>
    panel(page)
      .locator('[data-pointer="/text"]')
      .evaluate((field) => field.contains(document.activeElement)),
  );
  expect((await stage.server.ask("GET", "/flows/flow_wrong")).state).toBe("draft");
});

story(
  "a program saves while somebody types: nothing is overwritten, and the person is asked",
  async (stage) => {
    const page = await openLine(stage, "flow_both");
    const name = page.getByLabel("Name of the flow");
    const saveByProgram = async (text: string) => {
      const { document, etag } = await stage.server.ask("GET", "/flows/flow_both");
      const body = { ...document, name: text };
      const path = "/flows/flow_both/draft";
      expect((await stage.server.call("PUT", path, body)).body.code).toBe("flow.say_what_you_read");
      const headers = { "if-match": etag };
      expect((await stage.server.call("PUT", path, body, headers)).status).toBe(200);
    };
    await until("the page to be known", async () => {
      const answer = await stage.server.call("PUT", "/flows/flow_both/draft", line("flow_both"));
      return answer.status === 428;
    });
    await saveByProgram("By the program");
    await until("the program's name", async () => (await name.inputValue()) === "By the program");

    const other = await stage.open("/flows/flow_both", { refusals: [412] });
    await other.getByRole("button", { name: "Edit here" }).click();
    await other.getByRole("button", { name: "Publish" }).waitFor();
    await other.route("**/api/v1/live*", (route) => route.abort());
    // What is typed is saved after the program has.
    let saveOn = () => {};
    const both = new Promise<void>((resolve) => {
      saveOn = resolve;
    });
    await other.route("**/draft*", async (route) => {
      await both;
      await route.fallback();
    });
    const late = other.getByLabel("Name of the flow");
    await late.fill("Typed");
    await saveByProgram("By the program again");
    saveOn();
    const question = other.getByRole("dialog", { name: "This flow was changed elsewhere" });
    await question.waitFor();
    await question.getByRole("button", { name: "The other, without my changes" }).click();
    await until("the other's", async () => (await late.inputValue()) === "By the program again");
  },
);

story("the keyboard alone adds a node after another, sets it up and deletes it", async (stage) => {
  const page = await openLine(stage, "flow_keys");
  await node(page, "two").click();
  await page.keyboard.press("Escape");
  await page.keyboard.press("n");
  await quickAdd(page).waitFor();
  await page.keyboard.type("stop");
  await page.keyboard.press("Enter");
  const added = page.locator('[data-testid^="node-stop"]');
  await added.waitFor();
  await edgesAre(page, 3);
  // The new node's name has the focus.
  await until("the focus", () =>
    page.evaluate(() => document.activeElement?.getAttribute("aria-label") === "Name of the node"),
  );
  await page.keyboard.type("The end");
  await added.getByText("The end").waitFor();
  await page.keyboard.press("Escape");
  await panel(page).waitFor({ state: "detached" });
  await page.keyboard.press("Delete");
  await added.waitFor({ state: "detached" });
  await edgesAre(page, 2);
  await page.keyboard.press("Control+z");
  await added.waitFor();
  await edgesAre(page, 3);
});

story("a deleted node leaves its neighbours connected", async (stage) => {
  const page = await openLine(stage, "flow_heal");
  await node(page, "one").click();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Delete");
  await node(page, "one").waitFor({ state: "detached" });
  await until("the edge from start to two", async () => {
    const { edges: left } = await draftOf(stage, "flow_heal");
    return left.length === 1 && left[0].from === "start" && left[0].to === "two";
  });
});

story("nodes travel as JSON from one flow into another", async (stage) => {
  const from = await openLine(stage, "flow_from");
  await node(from, "one").click();
  await from.keyboard.press("Escape");
  await node(from, "two").click({ modifiers: ["Shift"] });
  await from.keyboard.press("Control+c");
  const copied = JSON.parse(await from.evaluate(() => navigator.clipboard.readText()));
  expect(copied.nodes.map((it: { id: string }) => it.id)).toEqual(["one", "two"]);
  expect(copied.edges).toHaveLength(1);

  await stage.server.ask("POST", "/flows", {
    document: flowOf("flow_to", [{ id: "start", type: "core.manual" }]),
  });
  await from.goto("/flows/flow_to");
  await node(from, "start").waitFor();
  await from.keyboard.press("Control+v");
  await node(from, "two").waitFor();
  await until(
    "the paste to be saved",
    async () => (await draftOf(stage, "flow_to")).nodes.length === 3,
  );
});

story(
  "a file with a flow is taken in where it is let go, and no other takes the page",
  async (stage) => {
    const { server, open } = stage;
    await server.ask("POST", "/flows", {
      document: flowOf("flow_file", [{ id: "start", type: "core.manual" }]),
    });
    const page = await open("/flows/flow_file");
    await node(page, "start").waitFor();
    const letGo = (place: string, text: string) =>
      page
        .locator(place)
        .first()
        .evaluate((element, content) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([content], "flow.json", { type: "application/json" }));
          const bubbling = { bubbles: true, cancelable: true, dataTransfer };
          return ["dragover", "drop"].map(
            (it) => !element.dispatchEvent(new DragEvent(it, bubbling)),
          );
        }, text);
    expect(await letGo("header", "none")).toEqual([true, true]);
    expect(await letGo(".react-flow__pane", "none")).toEqual([true, true]);
    await page.getByText("There is no part of a flow to paste").waitFor();
    expect(await letGo(".react-flow__pane", JSON.stringify(line("flow_in_file")))).toEqual([
      true,
      true,
    ]);
    await node(page, "two").waitFor();
  },
);

story("nodes are connected by pulling, and a circle is refused with its reason", async (stage) => {
  await stage.server.ask("POST", "/flows", {
    document: { ...line("flow_pull"), edges: [{ from: "start", to: "one" }] },
  });
  const page = await stage.open("/flows/flow_pull");
  await node(page, "two").waitFor();
  await pull(page, "one", "two");
  await edgesAre(page, 2);
  await pull(page, "two", "one");
  await page
    .getByText(/circle|loop|cycle|itself/i)
    .first()
    .waitFor();
  await edgesAre(page, 2);
});

story("a tangled flow is tidied from left to right, and undone in one step", async (stage) => {
  const places = { start: [600, 300], one: [0, 200], two: [40, 180] };
  await stage.server.ask("POST", "/flows", {
    document: { ...line("flow_tidy"), layout: places },
  });
  const page = await stage.open("/flows/flow_tidy");
  await node(page, "two").waitFor();
  await page.getByRole("button", { name: "Tidy up" }).click();
  await until("the order from left to right", async () => {
    const { layout } = await draftOf(stage, "flow_tidy");
    return layout.start[0] < layout.one[0] && layout.one[0] < layout.two[0];
  });
  await page.getByRole("button", { name: "Undo" }).click();
  await until("the old places", async () => {
    const { layout } = await draftOf(stage, "flow_tidy");
    return JSON.stringify(layout) === JSON.stringify(places);
  });
});

story("a loop takes a node in and lets it out, and undo brings all of it back", async (stage) => {
  const loop = flowOf(
    "flow_box",
    [
      { id: "start", type: "core.manual" },
      { id: "each", type: "core.for_each", params: { items: { $expr: "start.items" } } },
      { id: "note", type: "core.log", params: { message: "x" } },
    ],
    [
      { from: "start", to: "each" },
      { from: "each", port: "done", to: "note" },
    ],
    { layout: { start: [0, 0], each: [360, 0], note: [760, 0] } },
  );
  await stage.server.ask("POST", "/flows", { document: loop });
  const inside = async () => {
    const { document } = await stage.server.ask("GET", "/flows/flow_box");
    const found = document.nodes.find((it: { id: string }) => it.id === "note");
    return [found.inside ?? null, document.edges.length];
  };
  const page = await stage.open("/flows/flow_box");
  const box = page.getByTestId("box-each");
  await box.getByRole("button", { name: /^Put here/ }).waitFor();
  await drag(page, node(page, "note"), await middleOf(box));
  await until("the node inside, its edge gone", async () => `${await inside()}` === "each,1");
  await box.getByRole("button").waitFor({ state: "detached" });
  await page.keyboard.press("Control+z");
  await until("all as it was", async () => `${await inside()}` === ",2");
  await box.getByRole("button", { name: /^Put here/ }).click();
  await quickAdd(page).getByRole("combobox", { name: "Search nodes" }).fill("log");
  await quickAdd(page).locator('[data-type="core.log"]').click();
  await until("a new node inside", async () => {
    const { document } = await stage.server.ask("GET", "/flows/flow_box");
    return document.nodes.some((it: { id: string; inside?: string }) => it.inside === "each");
  });
});

story("a flow is duplicated, and one that is here already is imported as a copy", async (stage) => {
  const named = flowOf("flow_once", [{ id: "log", type: "core.log" }], [], { name: "Once" });
  await stage.server.ask("POST", "/flows", { document: named });
  const page = await stage.open("/flows", { refusals: [409] });
  await page.getByRole("button", { name: "More for “Once”" }).click();
  await page.getByRole("menuitem", { name: "Duplicate" }).click();
  await node(page, "log").waitFor();
  expect(await page.getByLabel("Name of the flow").inputValue()).toBe("Copy of Once");

  await page.goto("/flows");
  await page.getByRole("button", { name: "Import" }).click();
  await page.getByLabel("Or paste the flow here").fill(JSON.stringify(named));
  await page.getByRole("button", { name: "Import as a draft" }).click();
  await page.getByRole("button", { name: "Import as a copy" }).click();
  await node(page, "log").waitFor();
  expect(await page.getByLabel("Name of the flow").inputValue()).toBe("Once");
  expect(page.url()).not.toContain("flow_once");
});

story(
  "who deletes a flow is told of its run that waits, which goes on all the same",
  async (stage) => {
    const { server } = stage;
    const nodes = [
      { id: "start", type: "core.manual" },
      { id: "ask", type: "core.approve", params: { title: "Go on?" } },
    ];
    const document = flowOf("flow_gone", nodes, [{ from: "start", to: "ask" }]);
    await server.ask("POST", "/flows", { document });
    await server.ask("POST", "/flows/flow_gone/publish", {});
    const wish = { event: {}, version: "published" };
    const { run } = await server.ask("POST", "/flows/flow_gone/runs", wish);
    const page = await stage.open("/flows");
    await page.getByRole("button", { name: "More for “flow_gone”" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete “flow_gone”?" });
    await dialog
      .getByText("1 run of it is not over, and goes on to its end all the same.")
      .waitFor();
    await dialog.getByRole("button", { name: "Delete the flow" }).click();
    await page.getByText("“flow_gone” is deleted.").waitFor();
    await page.goto(`/runs/${run}`);
    await page.getByText("flow_gone (deleted)").waitFor();
    expect(await page.getByRole("link", { name: "Show on the flow" }).count()).toBe(0);
    await page.getByRole("button", { name: "Yes", exact: true }).click();
    await until(
      "its end",
      async () => (await server.ask("GET", `/runs/${run}`)).state === "succeeded",
    );
  },
);

story(
  "a flow that is deleted while it is open says so, and goes on as a new flow with what was typed",
  async (stage) => {
    await stage.server.ask("POST", "/flows", { document: line("flow_gone") });
    const page = await stage.open("/flows/flow_gone?node=one", { refusals: [404] });
    const message = panel(page).locator('[data-pointer="/message"]').locator("textarea");
    await message.fill("kept");
    await saved(page);
    await stage.server.ask("DELETE", "/flows/flow_gone");
    const gone = page.getByRole("dialog", { name: "This flow was deleted" });
    await gone.waitFor();
    await gone.getByRole("button", { name: "Keep it as a new flow" }).click();
    await page.waitForURL((url) => !url.pathname.endsWith("flow_gone"));
    await node(page, "two").waitFor();
    const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    expect((await draftOf(stage, id)).nodes[1].params).toEqual({ message: "kept" });
    await node(page, "one").click();
    await panel(page).locator('[data-pointer="/message"]').locator("textarea").fill("and saved");
    await expect
      .poll(async () => (await draftOf(stage, id)).nodes[1].params)
      .toEqual({ message: "and saved" });
  },
);

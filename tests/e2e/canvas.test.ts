/** Handling a flow on the canvas: edges, groups, notes, loops, the palette, search and the clipboard. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import {
  drag,
  edges,
  entry,
  exit,
  flowOf,
  middleOf,
  node,
  panel,
  quickAdd,
  saved,
} from "./kit/editor.ts";
import { until } from "./kit/server.ts";
import { type Stage, storiesOn } from "./kit/story.ts";

const story = storiesOn({ command: "demo" });

const nodes = [
  { id: "start", type: "core.manual" },
  { id: "one", type: "core.log", label: "First", params: { message: "first" } },
  { id: "two", type: "core.log", label: "Second", params: { message: "second" } },
  { id: "free", type: "core.log", label: "Free", params: { message: "for refunds" } },
];
const line = [
  { from: "start", to: "one" },
  { from: "one", to: "two" },
];
const layout = { start: [0, 0], one: [340, 0], two: [820, 0], free: [420, 240] };

async function openFlow({ server, open }: Stage, id: string, more: object = {}) {
  await server.ask("POST", "/flows", {
    document: { ...flowOf(id, nodes, line, { layout }), ...more },
  });
  const page = await open(`/flows/${id}`);
  await node(page, "two").waitFor();
  await page.getByRole("button", { name: "Close the list of nodes" }).click();
  return page;
}

const drafts =
  ({ server }: Stage, id: string) =>
  async () =>
    (await server.ask("GET", `/flows/${id}`)).document;

interface Edge {
  from: string;
  port?: string;
  to: string;
}
const spelled = (all: Edge[]) => all.map(({ from, to }) => `${from}>${to}`).sort();

/** Waits until the saved draft has just these edges. */
async function edgesAre(stage: Stage, page: Page, id: string, expected: string[]) {
  const kept = async () => spelled((await drafts(stage, id)()).edges);
  await expect.poll(kept).toEqual([...expected].sort());
  await expect.poll(() => edges(page).count()).toBe(expected.length);
}

async function dragTo(page: Page, id: string, x: number, y: number) {
  const { x: left, y: top } = await middleOf(node(page, id));
  await drag(page, node(page, id), { x: left + x, y: top + y });
}

const undo = (page: Page) => page.keyboard.press("Control+z");

story("a node dropped on an edge stands in its line, and leaves it by Alt", async (stage) => {
  const page = await openFlow(stage, "flow_splice");
  const [first, second] = [await middleOf(node(page, "one")), await middleOf(node(page, "two"))];
  const between = { x: (first.x + second.x) / 2, y: first.y };
  await drag(page, node(page, "free"), between);
  await edgesAre(stage, page, "flow_splice", ["start>one", "one>free", "free>two"]);
  await page.keyboard.down("Alt");
  await dragTo(page, "free", 0, 220);
  await page.keyboard.up("Alt");
  await edgesAre(stage, page, "flow_splice", ["start>one", "one>two"]);
  await undo(page);
  await edgesAre(stage, page, "flow_splice", ["start>one", "one>free", "free>two"]);
});

story(
  "a drag with Alt cuts the edges that it crosses, and either end of one is moved",
  async (stage) => {
    const page = await openFlow(stage, "flow_cut");
    const [one, two] = [await middleOf(exit(page, "one")), await middleOf(entry(page, "two"))];
    const x = (one.x + two.x) / 2;
    await page.keyboard.down("Alt");
    await page.mouse.move(x, one.y - 90);
    await page.mouse.down();
    await page.mouse.move(x, one.y + 60, { steps: 6 });
    await page.mouse.up();
    await page.keyboard.up("Alt");
    await edgesAre(stage, page, "flow_cut", ["start>one"]);
    await undo(page);
    await edgesAre(stage, page, "flow_cut", ["start>one", "one>two"]);
    // The end beside “Second” is taken to “Free”, anywhere on it.
    await page.mouse.move(two.x - 16, two.y);
    await page.mouse.down();
    const free = await middleOf(node(page, "free"));
    await page.mouse.move(free.x, free.y, { steps: 8 });
    await page.mouse.up();
    await edgesAre(stage, page, "flow_cut", ["start>one", "one>free"]);
  },
);

story("what is pulled into the void, either way, is offered only what fits", async (stage) => {
  const page = await openFlow(stage, "flow_void");
  const out = await middleOf(exit(page, "two"));
  await drag(page, exit(page, "two"), { x: out.x + 120, y: out.y + 140 });
  await quickAdd(page).waitFor();
  expect(await quickAdd(page).locator('[data-type="core.manual"]').count()).toBe(0);
  await page.keyboard.press("Escape");
  await quickAdd(page).waitFor({ state: "detached" });
  const into = await middleOf(entry(page, "free"));
  await drag(page, entry(page, "free"), { x: into.x - 150, y: into.y + 60 });
  await quickAdd(page).waitFor();
  expect(await quickAdd(page).locator('[data-type="core.stop"]').count()).toBe(0);
  await page.keyboard.type("condición");
  await quickAdd(page).locator('[data-type="core.branch"]').click();
  await until("the edge into it", async () => (await edges(page).count()) === 3);
  await saved(page);
  const draft = await drafts(stage, "flow_void")();
  expect(draft.edges.at(-1).to).toBe("free");
});

story("Tab opens the palette at the pointer, and a note is written there", async (stage) => {
  const page = await openFlow(stage, "flow_tab");
  const { x, y } = await middleOf(node(page, "two"));
  await page.mouse.move(x, y + 260);
  await page.keyboard.press("Tab");
  await quickAdd(page).waitFor();
  const box = await quickAdd(page).boundingBox();
  expect(Math.abs((box?.x ?? 0) - x)).toBeLessThan(340);
  await page.keyboard.press("Escape");
  await page.mouse.move(x, y + 250);
  await page.keyboard.press("Shift+N");
  await page.getByLabel("Text of the note").fill("# Ask **Ana**\n\n<img src=x onerror=alert(1)>");
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "Ask Ana" }).waitFor();
  expect(await page.locator(".react-flow__node-note img").count()).toBe(0);
  await page.getByRole("button", { name: "Pink" }).click();
  await saved(page);
  const draft = await drafts(stage, "flow_tab")();
  expect(draft.notes).toMatchObject([{ color: "pink" }]);
});

story(
  "chosen nodes are lined up, grouped and moved together, and undone as bytes",
  async (stage) => {
    const page = await openFlow(stage, "flow_group");
    const before = await drafts(stage, "flow_group")();
    for (const id of ["one", "two", "free"]) await node(page, id).click({ modifiers: ["Shift"] });
    await page.getByRole("button", { name: "Align to the top" }).click();
    await page.keyboard.press("Control+g");
    await page.getByLabel("Title of the group").fill("VIP");
    await page.keyboard.press("Enter");
    const head = page.getByRole("button", { name: "VIP 3 nodes" });
    const { x, y } = await middleOf(head);
    await drag(page, head, { x: x + 80, y: y + 80 });
    await saved(page);
    const moved = await until("the group to be saved where it is", async () => {
      const draft = await drafts(stage, "flow_group")();
      return draft.layout.one[1] !== before.layout.one[1] && draft;
    });
    expect(moved.notes).toMatchObject([{ title: "VIP", nodes: ["one", "two", "free"] }]);
    expect(moved.layout.free[1]).toBe(moved.layout.one[1]);
    for (let times = 0; times < 4; times += 1) await undo(page);
    const kept = async () => JSON.stringify(await drafts(stage, "flow_group")());
    await expect.poll(kept).toBe(JSON.stringify(before));
  },
);

story(
  "a loop takes a node in and lets it out by dragging, and shows that it will",
  async (stage) => {
    const loop = { id: "each", type: "core.for_each", params: { items: { $value: [1, 2] } } };
    const page = await openFlow(stage, "flow_loop", {
      nodes: [...nodes, loop],
      layout: { ...layout, each: [820, 160] },
    });
    const insideOf = async () => {
      const draft = await drafts(stage, "flow_loop")();
      return draft.nodes.find((it: { id: string }) => it.id === "free").inside ?? null;
    };
    const box = page.getByTestId("box-each");
    const { x, y } = await middleOf(box);
    const start = await middleOf(node(page, "free"));
    await page.mouse.move(start.x, start.y);
    await page.mouse.down();
    await page.mouse.move(x, y, { steps: 6 });
    await page.locator('[data-testid="box-each"][data-target]').waitFor();
    await page.mouse.up();
    await until("it to be in the loop", async () => (await insideOf()) === "each");
    await dragTo(page, "free", -420, 60);
    await until("it to be out of it", async () => (await insideOf()) === null);
  },
);

story("a node dragged onto an edge within a loop goes in and stands in its line", async (stage) => {
  const loop = { id: "each", type: "core.for_each", params: { items: { $value: [1, 2] } } };
  const inner = (id: string) => ({ ...nodes[1], id, label: id, inside: "each" });
  const page = await openFlow(stage, "flow_into", {
    nodes: [...nodes, loop, inner("in1"), inner("in2")],
    edges: [...line, { from: "in1", to: "in2" }],
    layout: { ...layout, each: [0, 320], in1: [40, 460], in2: [520, 460] },
  });
  const [from, to] = [await middleOf(exit(page, "in1")), await middleOf(entry(page, "in2"))];
  await drag(page, node(page, "free"), { x: (from.x + to.x) / 2, y: from.y });
  await edgesAre(stage, page, "flow_into", ["start>one", "one>two", "in1>free", "free>in2"]);
  await undo(page);
  await edgesAre(stage, page, "flow_into", ["start>one", "one>two", "in1>in2"]);
});

story("who deletes a node elsewhere stays where they stand, with nothing chosen", async (stage) => {
  const page = await openFlow(stage, "flow_stay");
  await node(page, "two").click();
  const chosen = () => page.locator("[data-selected]").count();
  await panel(page).waitFor();
  await page.keyboard.press("Escape");
  await panel(page).waitFor({ state: "detached" });
  await page.keyboard.press("Escape");
  await expect.poll(chosen).toBe(0);
  await node(page, "free").click({ modifiers: ["Shift"] });
  await expect.poll(chosen).toBe(1);
  await page.keyboard.press("Delete");
  await node(page, "free").waitFor({ state: "detached" });
  // Another press, in haste, finds nothing to delete.
  await page.keyboard.press("Delete");
  await edgesAre(stage, page, "flow_stay", ["start>one", "one>two"]);
  expect(await chosen()).toBe(0);
});

story("keys act on the node that was chosen by the pointer last", async (stage) => {
  const page = await openFlow(stage, "flow_last");
  await node(page, "one").click();
  await panel(page).waitFor();
  await page.keyboard.press("Escape");
  await panel(page).waitFor({ state: "detached" });
  await page.keyboard.press("Escape");
  await node(page, "free").click({ modifiers: ["Shift"] });
  await node(page, "free").and(page.locator("[data-selected]")).waitFor();
  await page.keyboard.press("c");
  await page.getByText("Connect “Free” to").waitFor();
  await page.keyboard.press("Escape");
  await node(page, "two").click({ modifiers: ["Shift"] });
  await page.getByText("2 chosen").first().waitFor();
  // Where several are chosen, what one stands at stays the same as long as it is one of them.
  await page.keyboard.press("x");
  await edgesAre(stage, page, "flow_last", ["start>one", "one>two"]);
});

story("a text that holds no part of a flow is refused with the cure", async (stage) => {
  const page = await openFlow(stage, "flow_no_part");
  for (const text of ["hello", '{"nodes": ', "[1, 2]", "{}"]) {
    await page.evaluate((it) => navigator.clipboard.writeText(it), text);
    await page.keyboard.press("Control+v");
    const told = page.getByText("There is no part of a flow to paste: copy nodes first.");
    await told.waitFor();
    await page.getByRole("button", { name: "Dismiss" }).click();
    await told.waitFor({ state: "detached" });
  }
  expect((await drafts(stage, "flow_no_part")()).nodes).toHaveLength(nodes.length);
});

story("Ctrl-F finds by name and by parameter, and steps through what it finds", async (stage) => {
  const page = await openFlow(stage, "flow_find");
  await page.keyboard.press("Control+f");
  const field = page.getByRole("searchbox", { name: "Search on the canvas" });
  await field.fill("refunds");
  await page.getByText("1 of 1").waitFor();
  await node(page, "free").and(page.locator("[data-selected]")).waitFor();
  await field.fill("log");
  await page.getByText("1 of 3").waitFor();
  await page.keyboard.press("Enter");
  await page.getByText("2 of 3").waitFor();
  await node(page, "two").and(page.locator("[data-selected]")).waitFor();
  await page.keyboard.press("Escape");
  await field.waitFor({ state: "detached" });
});

story(
  "a part copied from one flow is pasted into another, and what is missing is named",
  async (stage) => {
    const reading = { message: { $text: "{{ start.total }}" } };
    const page = await openFlow(stage, "flow_from", {
      nodes: nodes.map((it) => (it.id === "two" ? { ...it, params: reading } : it)),
    });
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    for (const id of ["one", "two"]) await node(page, id).click({ modifiers: ["Shift"] });
    await page.keyboard.press("Control+c");
    await stage.server.ask("POST", "/flows", {
      document: flowOf("flow_to", [{ id: "begin", type: "core.manual" }]),
    });
    await page.goto(`${stage.server.url}/flows/flow_to`);
    await node(page, "begin").waitFor();
    await page.keyboard.press("Control+v");
    await node(page, "two").waitFor();
    await page.getByText("“Second” reads “start”, which was not copied.").waitFor();
    await edgesAre(stage, page, "flow_to", ["one>two"]);
  },
);

const many = 320;
const crowd = Array.from({ length: many }, (_, at) => ({
  id: `n${at}`,
  type: at === 0 ? "core.manual" : "core.log",
  ...(at > 0 && { label: `Step ${at}`, params: { message: "hello" } }),
}));
const placed = Object.fromEntries(
  crowd.map(({ id }, at) => [id, [(at % 20) * 336, Math.floor(at / 20) * 132]]),
);

story(
  "a large flow seen from afar is one picture whose nodes are at hand",
  async ({ server, open }) => {
    const chain = crowd.slice(1).map(({ id }, at) => ({ from: `n${at}`, to: id }));
    await server.ask("POST", "/flows", {
      document: flowOf("flow_afar", crowd, chain, { layout: placed }),
    });
    const page = await open("/flows/flow_afar");
    await node(page, "n1").waitFor();
    await page.getByRole("button", { name: "Show the whole flow" }).click();
    const picture = page.getByRole("img", { name: "The flow from afar" });
    await picture.waitFor();
    await node(page, "n1").waitFor();
    const boxes = page.locator(".react-flow__node");
    await until("few nodes are drawn by themselves", async () => (await boxes.count()) < 5);

    // Where a node stands in the picture it can be pointed at, and pressed.
    const [first, second] = [await middleOf(node(page, "n0")), await middleOf(node(page, "n1"))];
    const scale = (second.x - first.x) / 336;
    await page.mouse.move(first.x + 5 * 336 * scale, first.y + 8 * 132 * scale);
    await node(page, "n165").waitFor();
    await page.mouse.down();
    await page.mouse.up();
    await page.getByRole("textbox", { name: "Name of the node" }).waitFor();
    expect(await node(page, "n165").getAttribute("data-selected")).toBe("true");

    // From there one walks on.
    const walkedTo = (id: string) =>
      page.locator(`.react-flow__node[data-id="${id}"]:focus`).waitFor();
    await page.locator('.react-flow__node[data-id="n165"]').focus();
    await page.keyboard.press("ArrowRight");
    await walkedTo("n166");
    await page.keyboard.press("ArrowRight");
    await walkedTo("n167");
  },
);

const menu = (page: Page) => page.getByRole("menu");

story(
  "the right button lists what can be done with a node, an edge and the canvas",
  async (stage) => {
    const page = await openFlow(stage, "flow_menu");
    await node(page, "free").click({ button: "right" });
    await menu(page)
      .getByRole("menuitem", { name: /^Duplicate/ })
      .click();
    await node(page, "log").waitFor();
    const between = await middleOf(exit(page, "one"));
    await page.mouse.click(between.x + 90, between.y, { button: "right" });
    await menu(page)
      .getByRole("menuitem", { name: /^Insert a node/ })
      .click();
    await quickAdd(page).waitFor();
    await page.keyboard.press("Escape");
    await quickAdd(page).waitFor({ state: "detached" });
    await page.mouse.click(between.x + 90, between.y + 440, { button: "right" });
    await menu(page)
      .getByRole("menuitem", { name: /^Add a node at the pointer/ })
      .click();
    await quickAdd(page).waitFor();
  },
);

story(
  "twice on the canvas or on an edge asks for a node, and F2 gives one its name",
  async (stage) => {
    const page = await openFlow(stage, "flow_twice");
    const between = await middleOf(exit(page, "one"));
    await page.mouse.dblclick(between.x + 90, between.y);
    await quickAdd(page).waitFor();
    await page.keyboard.type("write to the log");
    await page.keyboard.press("Enter");
    await until("a node on the edge", async () => (await edges(page).count()) === 3);
    await page.keyboard.press("Escape");
    const { x, y } = await middleOf(node(page, "free"));
    await page.mouse.dblclick(x, y + 180);
    await quickAdd(page).waitFor();
    await page.keyboard.press("Escape");
    await quickAdd(page).waitFor({ state: "detached" });
    await node(page, "free").click();
    await page.keyboard.press("Escape");
    await page.keyboard.press("F2");
    await page.locator("[data-panel] input[data-name]:focus").waitFor();
    await page.keyboard.type("Renamed");
    await node(page, "free").getByText("Renamed").waitFor();
  },
);

story("a node far outside of what is seen is drawn and reached from a search", async (stage) => {
  const logs = Array.from({ length: many }, (_, at) => ({
    id: `log_${at + 1}`,
    type: "core.log",
    params: { message: `number ${at + 1}` },
  }));
  const far = Object.fromEntries(logs.map(({ id }, at) => [id, [(at % 20) * 340, 400 + at * 40]]));
  const page = await openFlow(stage, "flow_far", {
    nodes: [...nodes, ...logs],
    layout: { ...layout, ...far },
  });
  expect(await node(page, "log_320").count()).toBe(0);
  await page.keyboard.press("Control+f");
  await page.getByRole("searchbox", { name: "Search on the canvas" }).fill("number 320");
  await node(page, "log_320").waitFor();
  await page.keyboard.press("Escape");
  await page.locator('.react-flow__node[data-id="log_320"]:focus').waitFor();
  await until("it in sight", async () => {
    const { x, y } = await middleOf(node(page, "log_320"));
    return x > 0 && x < 1440 && y > 0 && y < 900;
  });
});

/** Gestures of other editors: copying by drag, moving by clicks, panning, choosing, and giving up. */
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { drag, edges, exit, flowOf, middleOf, node, quickAdd, viewOf } from "./kit/editor.ts";
import { type Stage, storiesOn } from "./kit/story.ts";

const story = storiesOn({ command: "demo" });

const nodes = [
  { id: "start", type: "core.manual" },
  { id: "one", type: "core.log", label: "First", params: { message: "first" } },
  { id: "two", type: "core.log", label: "Second", params: { message: "second" } },
  { id: "free", type: "core.log", label: "Free", params: { message: "for refunds" } },
  { id: "each", type: "core.for_each", params: { items: { $value: [1, 2] } } },
];
const line = [
  { from: "start", to: "one" },
  { from: "one", to: "two" },
];
const layout = { start: [0, 0], one: [340, 0], two: [820, 0], free: [420, 240], each: [820, 160] };
const notes = [{ id: "note_1", text: "Ask Ana", at: [0, 240], size: [240, 160] }];

async function openFlow({ server, open }: Stage, id: string) {
  await server.ask("POST", "/flows", { document: flowOf(id, nodes, line, { layout, notes }) });
  const page = await open(`/flows/${id}`);
  await node(page, "two").waitFor();
  await page.getByRole("button", { name: "Close the list of nodes" }).click();
  return page;
}

interface Draft {
  nodes: { id: string; inside?: string }[];
  edges: { from: string; to: string }[];
  layout: Record<string, [number, number]>;
  notes: { at: [number, number]; size: [number, number] }[];
}
const draftOf = async ({ server }: Stage, id: string): Promise<Draft> =>
  (await server.ask("GET", `/flows/${id}`)).document;

/** Waits until something of the saved draft is as said. */
const kept = (stage: Stage, id: string, read: (draft: Draft) => unknown) =>
  expect.poll(async () => read(await draftOf(stage, id)));

const chosen = (page: Page) =>
  page
    .locator(".react-flow__node.selected")
    .evaluateAll((all) => all.map((it) => it.getAttribute("data-id")).sort());

/** Drags by some pixels, with a key held or another button. */
async function sweep(page: Page, from: Point, by: [number, number], button?: "middle") {
  const how = button ? { button } : {};
  await page.mouse.move(from.x, from.y);
  await page.mouse.down(how);
  await page.mouse.move(from.x + by[0] / 2, from.y + by[1] / 2, { steps: 4 });
  await page.mouse.move(from.x + by[0], from.y + by[1], { steps: 4 });
  await page.mouse.up(how);
}
interface Point {
  x: number;
  y: number;
}
const beside = async (thing: Locator, x: number, y: number): Promise<Point> => {
  const middle = await middleOf(thing);
  return { x: middle.x + x, y: middle.y + y };
};

story(
  "a drag with Ctrl leaves the node where it is, and puts a copy onto an edge",
  async (stage) => {
    const page = await openFlow(stage, "flow_copy");
    const [first, second] = [await middleOf(node(page, "one")), await middleOf(node(page, "two"))];
    await page.keyboard.down("Control");
    await drag(page, node(page, "free"), { x: (first.x + second.x) / 2, y: first.y + 180 });
    await page.keyboard.up("Control");
    await kept(stage, "flow_copy", (draft) => draft.nodes.map((it) => it.id)).toEqual([
      ...nodes.map((it) => it.id),
      "log",
    ]);
    const { layout: places, nodes: all } = await draftOf(stage, "flow_copy");
    expect(places.free).toEqual(layout.free);
    expect(all.at(-1)).toMatchObject({ label: "Free", params: { message: "for refunds" } });
    expect(await chosen(page)).toEqual(["log"]);
    await page.keyboard.press("Control+z");
    await kept(stage, "flow_copy", (draft) => draft.nodes.length).toBe(nodes.length);
  },
);

story("Escape takes back a drag and a pull before they are let go", async (stage) => {
  const page = await openFlow(stage, "flow_escape");
  const start = await middleOf(node(page, "one"));
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(start.x, start.y + 160, { steps: 4 });
  await page.keyboard.press("Escape");
  await page.mouse.move(start.x + 20, start.y + 180, { steps: 2 });
  await page.mouse.up();
  expect(await middleOf(node(page, "one"))).toEqual(start);
  const from = await middleOf(exit(page, "two"));
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + 60, from.y - 120, { steps: 4 });
  await page.keyboard.press("Escape");
  await page.mouse.up();
  // What comes next is heard, and there is nothing to undo.
  await node(page, "two").click();
  await page.locator("[data-panel]").waitFor();
  expect(await quickAdd(page).count()).toBe(0);
  expect(await page.getByRole("button", { name: "Undo" }).isDisabled()).toBe(true);
});

story(
  "what is picked up is put down by a click: in a loop, out of it, on an edge",
  async (stage) => {
    const page = await openFlow(stage, "flow_carry");
    const insideOf = (draft: Draft) => draft.nodes.find((it) => it.id === "free")?.inside ?? null;
    const carry = async (to: Point) => {
      await node(page, "free").click({ button: "right" });
      await page.getByRole("menuitem", { name: /^Pick up what is chosen/ }).click();
      await page.mouse.move(to.x, to.y, { steps: 2 });
      await page.getByTestId("ghosts").waitFor({ state: "attached" });
      await page.mouse.click(to.x, to.y);
      await page.getByTestId("ghosts").waitFor({ state: "detached" });
    };
    await carry(await middleOf(page.getByTestId("box-each")));
    await kept(stage, "flow_carry", insideOf).toBe("each");
    await carry(await beside(node(page, "one"), 0, 260));
    await kept(stage, "flow_carry", insideOf).toBe(null);
    const [first, second] = [await middleOf(node(page, "one")), await middleOf(node(page, "two"))];
    await carry({ x: (first.x + second.x) / 2, y: first.y });
    await kept(stage, "flow_carry", (draft) =>
      draft.edges.map(({ from, to }) => `${from}>${to}`).sort(),
    ).toEqual(["free>two", "one>free", "start>one"]);
  },
);

story("an edge is led elsewhere and taken away by clicks alone", async (stage) => {
  const page = await openFlow(stage, "flow_lead");
  const between = await beside(exit(page, "one"), 90, 0);
  const ends = (draft: Draft) => draft.edges.map(({ from, to }) => `${from}>${to}`);
  await page.mouse.click(between.x, between.y, { button: "right" });
  await page.getByRole("menuitem", { name: /^Lead the chosen edge/ }).click();
  await page.getByRole("option", { name: /Free/ }).click();
  await kept(stage, "flow_lead", ends).toEqual(["start>one", "one>free"]);
  const near = await beside(exit(page, "start"), 30, 0);
  await page.mouse.click(near.x, near.y);
  await page.getByRole("button", { name: "Remove this edge" }).click();
  await kept(stage, "flow_lead", ends).toEqual(["one>free"]);
});

story(
  "nodes and notes are nudged by keys, in one step, and a note grows by a button",
  async (stage) => {
    const page = await openFlow(stage, "flow_nudge");
    await page.getByTestId("note-note_1").click();
    await node(page, "one").click({ modifiers: ["Shift"] });
    for (let times = 0; times < 3; times += 1) await page.keyboard.press("Shift+ArrowRight");
    await kept(stage, "flow_nudge", (it) => [it.layout.one, it.notes[0]?.at]).toEqual([
      [364, 0],
      [24, 240],
    ]);
    await page.getByRole("button", { name: "Undo" }).click();
    await kept(stage, "flow_nudge", (it) => [it.layout.one, it.notes[0]?.at]).toEqual([
      [340, 0],
      [0, 240],
    ]);
    await page.getByTestId("note-note_1").click();
    await page.getByRole("button", { name: "Larger" }).click();
    await kept(stage, "flow_nudge", (it) => it.notes[0]?.size).toEqual([304, 192]);
  },
);

story("Space, the middle button and Ctrl with the wheel move what is seen", async (stage) => {
  const page = await openFlow(stage, "flow_pan");
  const empty = await beside(node(page, "one"), -60, 200);
  const on = await middleOf(node(page, "one"));
  const before = await viewOf(page);
  await sweep(page, empty, [-80, -40], "middle");
  await expect.poll(() => viewOf(page)).toEqual({ ...before, x: before.x - 80, y: before.y - 40 });
  await page.keyboard.down("Space");
  await sweep(page, on, [80, 40]);
  await page.keyboard.up("Space");
  await expect.poll(() => viewOf(page)).toEqual(before);
  expect((await draftOf(stage, "flow_pan")).layout).toEqual(layout);
  await page.mouse.move(empty.x, empty.y);
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, 120);
  await page.keyboard.up("Control");
  await expect.poll(async () => (await viewOf(page)).zoom < before.zoom).toBe(true);
});

story(
  "Shift draws a rectangle of what is chosen; with another hand a plain drag does",
  async (stage) => {
    const page = await openFlow(stage, "flow_lasso");
    const corner = await beside(node(page, "one"), -150, -80);
    await page.keyboard.down("Shift");
    await sweep(page, corner, [640, 160]);
    await page.keyboard.up("Shift");
    await expect.poll(() => chosen(page)).toEqual(["one", "two"]);
    const before = await viewOf(page);
    await page.mouse.click(corner.x, corner.y + 420);
    await page.keyboard.press("h");
    await page.getByRole("button", { name: "A plain drag chooses" }).waitFor();
    await sweep(page, corner, [640, 160]);
    await expect.poll(() => chosen(page)).toEqual(["one", "two"]);
    expect(await viewOf(page)).toEqual(before);
    await page.mouse.wheel(0, 80);
    await expect.poll(async () => (await viewOf(page)).y < before.y).toBe(true);
    expect((await viewOf(page)).zoom).toBe(before.zoom);
  },
);

story(
  "Ctrl and a click ask for a node there, and what is pasted comes to the pointer",
  async (stage) => {
    const page = await openFlow(stage, "flow_there");
    const empty = await beside(node(page, "one"), 0, 300);
    await page.keyboard.down("Control");
    await page.mouse.click(empty.x, empty.y);
    await page.keyboard.up("Control");
    await quickAdd(page).waitFor();
    await page.keyboard.press("Escape");
    await quickAdd(page).waitFor({ state: "detached" });
    await node(page, "one").click({ modifiers: ["Shift"] });
    await page.keyboard.press("Control+c");
    await page.mouse.move(empty.x, empty.y, { steps: 3 });
    await page.keyboard.press("Control+v");
    await edges(page).first().waitFor();
    const copy = node(page, "log");
    await copy.waitFor();
    const box = await copy.boundingBox();
    expect(Math.hypot((box?.x ?? 0) - empty.x, (box?.y ?? 0) - empty.y)).toBeLessThan(40);
  },
);

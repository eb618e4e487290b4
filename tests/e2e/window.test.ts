/** Menus and lists in windows with little room: all of each is in sight, or can be scrolled to. */
import type { Locator, Page } from "playwright-core";
import { afterAll, expect } from "vitest";
import { comeToRest, node, panel } from "./kit/editor.ts";
import { furnishGallery, type Gallery } from "./kit/gallery.ts";
import type { Server } from "./kit/server.ts";
import { storiesOn } from "./kit/story.ts";
import { editor } from "./screen/editor.ts";
import { pages } from "./screen/page.ts";
import {
  button,
  canvas,
  dialog,
  inTurn,
  menu,
  nodeForm,
  type Scene,
  type Screen,
  sentences,
  turnTo,
} from "./screen/screen.ts";

const story = storiesOn({ command: "demo", env: { TRAMO_PRIVATE_HOSTS: "127.0.0.1" } });

const live = "/flows/flow_vip_orders";
const fields = "/flows/flow_fields";

/** What of a menu or a list is out of sight and cannot be scrolled to. */
async function outOfWindow(page: Page): Promise<string[]> {
  await comeToRest(page);
  return await page.evaluate(() => {
    const parts = ["Menu", "Popover", "Combobox"].map((it) => `.mantine-${it}-dropdown`);
    const shown = [...document.querySelectorAll<HTMLElement>(parts.join())].filter((it) =>
      it.checkVisibility(),
    );
    if (shown.length === 0) return ["nothing has opened"];
    return shown.flatMap((it) => {
      const { left, top, right, bottom } = it.getBoundingClientRect();
      const found = [];
      if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight) {
        const box = [left, top, right, bottom].map(Math.round);
        found.push(`it lies at ${box} in ${innerWidth}x${innerHeight}`);
      }
      const hidden = it.scrollHeight - it.clientHeight;
      if (hidden > 1 && !/auto|scroll/.test(getComputedStyle(it).overflowY)) {
        found.push(`${hidden} of it cannot be scrolled to`);
      }
      // What holds it may cut it off, or something may lie over it.
      for (const [x, y] of [
        [left + 9, top + 9],
        [right - 9, top + 9],
        [left + 9, bottom - 9],
        [right - 9, bottom - 9],
      ] as const) {
        const there = document.elementFromPoint(x, y);
        if (there && !it.contains(there)) found.push(`${there.outerHTML.slice(0, 80)} covers it`);
      }
      return found;
    });
  });
}

const known = (...names: string[]): Screen[] =>
  names.map((name) => {
    const screen = [...pages, ...editor].find((it) => it.name === name);
    if (!screen) throw new Error(`No screen is called ${name}.`);
    return screen;
  });

const last = (name: RegExp) => async (page: Page) => {
  await page.getByRole("button", { name }).last().click();
};

/** Asks for what can be done at a corner of the canvas, as a hand with a mouse does. */
const menuAtCorner = async (page: Page) => {
  await comeToRest(page);
  const box = await page.locator(".react-flow").boundingBox();
  if (!box) throw new Error("There is no canvas.");
  await page.mouse.click(box.x + box.width - 20, box.y + box.height - 40, { button: "right" });
};

/** Half of the window is above it and half below: what it opens has the least room here. */
const toMiddle = (thing: Locator) =>
  thing.evaluate((it) => it.scrollIntoView({ block: "center", behavior: "instant" }));

const inForm = (page: Page) => panel(page).or(page.getByRole("dialog"));

/** A list that a field of a form opens. */
const list = (name: string) => async (page: Page) => {
  const field = inForm(page).getByRole("combobox", { name }).first();
  await toMiddle(field);
  await field.click();
  await page.getByRole("option").first().waitFor();
};

const pill = async (page: Page) => {
  const shown = inForm(page).locator("[data-pill]").first();
  await toMiddle(shown);
  await shown.click();
  await page.getByRole("dialog", { name: /Order/ }).waitFor();
};

const screens: Screen[] = [
  ...known(
    "flows, menu of one",
    "account menu",
    "more places",
    "run, ways to try again",
    "editor, menu",
    "editor, add a node here",
    "editor, which way",
    "editor, menu of a version",
    "form, menu",
    "form, ways to run it",
    "form, a field for a condition",
    "form, data for a formula",
    "form, what formulas can do",
    "sentences, menu of a step",
  ),
  { name: "flows, menu of the last", path: "/flows", enter: inTurn(last(/^More for/), menu) },
  {
    name: "sentences, menu of the last step",
    path: fields,
    enter: inTurn(sentences, last(/^What to do with step/), menu),
  },
  {
    name: "canvas, menu of a node",
    path: live,
    only: "wide",
    enter: inTurn(canvas, (page) => node(page, "tell").click({ button: "right" }), menu),
  },
  {
    name: "canvas, menu at the corner",
    path: live,
    only: "wide",
    enter: inTurn(canvas, menuAtCorner, menu),
  },
  {
    name: "canvas, a node at the corner",
    path: live,
    only: "wide",
    enter: inTurn(
      canvas,
      menuAtCorner,
      menu,
      async (page) => page.getByRole("menuitem", { name: /^Add a node/ }).click(),
      dialog,
    ),
  },
  {
    name: "form, pin menu",
    path: live,
    enter: inTurn(nodeForm("tell"), button("Pin data"), menu),
  },
  {
    name: "form, an account to choose",
    path: live,
    enter: inTurn(nodeForm("tell"), list("Account")),
  },
  { name: "form, a method", path: fields, enter: inTurn(nodeForm("post"), list("Method")) },
  { name: "form, a channel", path: live, enter: inTurn(nodeForm("tell"), list("Channel")) },
  { name: "form, a field in a text", path: fields, enter: inTurn(nodeForm("tell"), pill) },
  ...["Flow", "How they began", "Began"].map((name) => ({
    name: `runs, ${name}`,
    path: "/runs",
    enter: async (page: Page) => {
      await page.getByLabel(name, { exact: true }).first().click();
      await page.getByRole("option").first().waitFor();
    },
  })),
];

async function look(scene: Scene, size: { width: number; height: number }): Promise<string[]> {
  // The practice account's lists are not always there; what is said instead has a box as well.
  const page = await scene.stage.open("/flows", { width: size.width, refusals: [502] });
  await page.setViewportSize(size);
  const found: string[] = [];
  for (const { name, path, enter, only } of screens) {
    if (only !== undefined && (only === "phone") !== size.width < 768) continue;
    await page.evaluate(() => localStorage.clear());
    await turnTo(page, typeof path === "string" ? path : path(scene));
    await page.locator("main").first().waitFor();
    await enter?.(page, scene);
    found.push(...(await outOfWindow(page)).map((it) => `${name}: ${it}`));
  }
  return found;
}

const furnished = new Map<Server, Promise<Gallery>>();
afterAll(async () => {
  for (const gallery of furnished.values()) await (await gallery).close();
});

// What fits into these fits into larger ones.
for (const [width, height] of [
  [1024, 600],
  [390, 664],
] as const) {
  story(`no menu and no list leaves a window of ${width} by ${height}`, async (stage) => {
    const { server } = stage;
    const gallery = furnished.get(server) ?? furnishGallery(server);
    furnished.set(server, gallery);
    const scene = { ...(await gallery), stage, bare: server };
    expect(await look(scene, { width, height })).toEqual([]);
  });
}

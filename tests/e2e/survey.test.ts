/**
 * Every screen and every state of one, held against axe; and the form of every type of node.
 *
 * By hand: `TRAMO_SURVEY=folder` shows each of them at three widths, light and dark, and puts a picture
 * of it into that folder; `TRAMO_LANGUAGE` says in which language. Whatever is found is told at once,
 * and the survey goes on.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, expect, vi } from "vitest";
import { barriers, overflow } from "./kit/barrier.ts";
import { comeToRest } from "./kit/editor.ts";
import { furnishGallery, type Gallery } from "./kit/gallery.ts";
import { pause, Server } from "./kit/server.ts";
import { type Stage, storiesOn } from "./kit/story.ts";
import { language, names } from "./kit/word.ts";
import { company } from "./screen/company.ts";
import { editor } from "./screen/editor.ts";
import { type NodeForm, nodeForms, openForm } from "./screen/form.ts";
import { pages } from "./screen/page.ts";
import { type Screen, turnTo } from "./screen/screen.ts";

const story = storiesOn({ command: "demo", env: { TRAMO_PRIVATE_HOSTS: "127.0.0.1" } });
const pictures = process.env.TRAMO_SURVEY ?? ".";
const wanted = process.env.TRAMO_SCREENS ?? "";
vi.setConfig({ testTimeout: 3_600_000 });

let gallery: Promise<Gallery> | null = null;
let bare: Promise<Server> | null = null;
afterAll(async () => {
  await (await gallery)?.close();
  await (await bare)?.stop();
});

interface Look {
  width: number;
  dark: boolean;
}

const fits = ({ only, from = 0 }: Screen, width: number) =>
  width >= from && (only === undefined || (only === "phone") === width < 768);

/** Lets a page come to rest: its data is there and nothing is on its way. */
async function settle(page: Page): Promise<void> {
  await page.waitForFunction(
    () => !document.querySelector(".mantine-Skeleton-root, .mantine-Loader-root"),
  );
}

async function picture(page: Page, name: string, { width, dark }: Look): Promise<void> {
  const file = `${name} ${width} ${dark ? "dark" : "light"}.png`.replaceAll(/[ ,]+/g, "-");
  await page.screenshot({ path: join(pictures, file) });
}

/** Closes what lies over the page; it says where that cannot be done, or leaves no focus. */
async function close(page: Page): Promise<string[]> {
  const over = page.locator('[role="dialog"], [role="menu"]').filter({ visible: true });
  if ((await over.count()) === 0) return [];
  const until = Date.now() + 6_000;
  while ((await over.count()) > 0 && Date.now() < until) {
    await page.keyboard.press("Escape");
    await pause(100);
  }
  if ((await over.count()) > 0) return ["Escape does not close it"];
  const held = page.waitForFunction(() => document.activeElement !== document.body, null, {
    timeout: 4_000,
  });
  return await held.then(
    () => [],
    () => ["the focus is lost when it is closed"],
  );
}

/** A window that speaks the language of the survey. */
async function open(stage: Stage, look: Look & { stranger: boolean }): Promise<Page> {
  const page = await stage.open("/start", {
    ...look,
    locale: language,
    refusals: [401, 404, 410, 412, 422, 423, 503],
    interrupted: true,
  });
  if (look.stranger || language === "en") return page;
  await page.goto("/flows");
  await page.getByRole("button", { name: /Demo/ }).click();
  await page.getByRole("menuitemradio", { name: names[language] }).click();
  await page.locator(`html[lang="${language}"]`).waitFor();
  // Where a way leads by words that are no text of the interface, it is not gone in this language.
  page.context().setDefaultTimeout(12_000);
  return page;
}

async function survey(stage: Stage, screens: Screen[], look: Look): Promise<string[]> {
  gallery ??= furnishGallery(stage.server);
  bare ??= Server.start({ command: "serve" });
  const scene = { ...(await gallery), stage, bare: await bare };
  const found: string[] = [];
  const tell = (what: string) => {
    found.push(what);
    process.stderr.write(`${what}\n`);
  };
  const shown = screens.filter((it) => fits(it, look.width) && it.name.includes(wanted));
  for (const stranger of [false, true]) {
    const some = shown.filter((it) => (it.stranger ?? false) === stranger);
    if (some.length === 0) continue;
    const page = await open(stage, { ...look, stranger });
    // A first page, and one that the server answered otherwise than it does, is left for good.
    let fresh = true;
    for (const screen of some) {
      const { name, path, before, enter, leave, loading } = screen;
      try {
        await page.unrouteAll({ behavior: "ignoreErrors" });
        await page.evaluate(() => localStorage.clear());
        await before?.(page);
        const to = typeof path === "string" ? path : path(scene);
        if (fresh || before || stranger) await page.goto(to);
        else await turnTo(page, to);
        fresh = before !== undefined;
        await page.locator("main").first().waitFor();
        await enter?.(page, scene);
        if (!loading) await settle(page);
        await comeToRest(page);
        await picture(page, name, look);
        const seen = [...(await barriers(page)), ...(await overflow(page))];
        if (!screen.stays) seen.push(...(await close(page)));
        await leave?.(page);
        for (const it of seen) tell(`${name}: ${it}`);
      } catch (error) {
        tell(`${name}: ${String(error).split("\n").slice(0, 3).join(" ")}`);
      }
    }
    await page.context().close();
  }
  return found;
}

for (const width of [1440, 1024, 390]) {
  for (const dark of [false, true]) {
    story(`every screen at ${width} pixels, ${dark ? "dark" : "light"}`, async (stage) => {
      await mkdir(pictures, { recursive: true });
      expect(await survey(stage, [...pages, ...editor, ...company], { width, dark })).toEqual([]);
    });
  }
}

const tall = 1_500;

for (const width of [1440, 390]) {
  story(`every form of a node at ${width} pixels`, async (stage) => {
    await mkdir(pictures, { recursive: true });
    const look = { width, dark: false };
    const page = await open(stage, { ...look, stranger: false });
    const forms = await nodeForms(stage.server);
    const found: string[] = [];
    await page.setViewportSize({ width, height: tall });
    for (const form of forms.filter((it) => it.type.includes(wanted))) {
      found.push(...(await showForm(page, form, look)).map((it) => `${form.type}: ${it}`));
    }
    expect(found).toEqual([]);
  });
}

async function showForm(page: Page, form: NodeForm, look: Look): Promise<string[]> {
  try {
    await turnTo(page, form.path);
    const panel = await openForm(page);
    await settle(page);
    await comeToRest(page);
    const name = `node ${form.type} ${language} ${look.width}`.replaceAll(/[ ,.]+/g, "-");
    await panel.screenshot({ path: join(pictures, `${name}.png`) });
    // Words may be too long in one language; what axe finds is the same in all.
    return [...(language === "en" ? await barriers(page) : []), ...(await overflow(page))];
  } catch (error) {
    return [String(error).split("\n").slice(0, 3).join(" ")];
  }
}

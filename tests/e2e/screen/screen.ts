/** What a screen is to the survey: a path, and how one gets from there to what is to be seen. */
import type { Page } from "playwright-core";
import { comeToRest, node } from "../kit/editor.ts";
import type { Gallery } from "../kit/gallery.ts";
import type { Server } from "../kit/server.ts";
import type { Stage } from "../kit/story.ts";
import { word } from "../kit/word.ts";

export interface Scene extends Gallery {
  stage: Stage;
  /** A server in which nobody has done anything yet. */
  bare: Server;
}

export interface Screen {
  name: string;
  path: string | ((scene: Scene) => string);
  /** From the path to the state that is to be seen; it ends when that is there. */
  enter?: (page: Page, scene: Scene) => Promise<unknown>;
  /** Before the page is opened: what its server shall answer. */
  before?: (page: Page) => Promise<unknown>;
  /** Shown to who has no session. */
  stranger?: boolean;
  /** Where it cannot be had at every width. */
  only?: "wide" | "phone";
  /** The least width that has room for it. */
  from?: number;
  /** Lets go of what would hold the page back from leaving. */
  leave?: (page: Page) => Promise<unknown>;
  /** It cannot be closed, only answered. */
  stays?: boolean;
  /** It never comes to rest, for nothing arrives. */
  loading?: boolean;
}

export const button = (name: string | RegExp) => async (page: Page) => {
  await page
    .getByRole("button", { name: word(name) })
    .first()
    .click();
};

/** A button, and the dialog that it opens. */
export const opens = (name: string | RegExp) => async (page: Page) => {
  await page
    .getByRole("button", { name: word(name) })
    .first()
    .click();
  await page.getByRole("dialog").first().waitFor();
};

export const isPhone = (page: Page) => (page.viewportSize()?.width ?? 0) < 768;

/** Goes to a path as a link does: nothing is loaded twice, and nothing of the last screen stays. */
export async function turnTo(page: Page, path: string): Promise<void> {
  for (const next of ["/nowhere", path]) {
    await page.evaluate((to) => {
      history.pushState(null, "", to);
      dispatchEvent(new PopStateEvent("popstate"));
    }, next);
    if (next !== path) await page.getByText(word("There is no page here")).waitFor();
  }
}

/** The flow drawn, at any width: a phone shows sentences first. */
export async function canvas(page: Page): Promise<void> {
  await page.locator(".react-flow__node, [data-step]").first().waitFor();
  if ((await page.locator("[data-step]").count()) > 0) {
    await page.locator('[aria-keyshortcuts$="Shift+L"]').click();
  }
  await page.locator(".react-flow__node").first().waitFor();
}

/** The flow told, at any width. */
export async function sentences(page: Page): Promise<void> {
  await page.locator(".react-flow, [data-step]").first().waitFor();
  if ((await page.locator("[data-step]").count()) === 0) {
    await page.locator('[aria-keyshortcuts$="Shift+L"]').click();
  }
  await page.locator("[data-step]").first().waitFor();
}

/** The form of one node. */
export const nodeForm = (id: string) => async (page: Page) => {
  await canvas(page);
  // On a phone the canvas begins at the first nodes: this one may lie past its edge.
  if (isPhone(page)) await page.keyboard.press("Shift+1");
  await comeToRest(page);
  await node(page, id).click();
  await page.getByLabel(word("Name of the node")).waitFor();
};

/** Acts one after the other. */
export const inTurn =
  (...acts: ((page: Page, scene: Scene) => Promise<unknown>)[]) =>
  async (page: Page, scene: Scene) => {
    for (const act of acts) await act(page, scene);
  };

export const key = (keys: string) => (page: Page) => page.keyboard.press(keys);
export const sees = (text: string | RegExp) => (page: Page) =>
  page.getByText(word(text)).filter({ visible: true }).first().waitFor();
/** A dialog that has come. */
export const dialog = (page: Page) => page.getByRole("dialog").last().waitFor();
/** A menu that has come. */
export const menu = (page: Page) => page.getByRole("menu").waitFor();
export const item = (name: string | RegExp) => async (page: Page) => {
  await page.getByRole("menuitem", { name: word(name) }).click();
};
/** The server's answer to these calls is never there. */
export const silent = (calls: string) => (page: Page) => page.route(calls, () => {});
export const failing = (calls: string) => (page: Page) =>
  page.route(calls, (route) => route.fulfill({ status: 503, body: "" }));

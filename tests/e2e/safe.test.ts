/**
 * Nothing that other people wrote is taken for markup, code or an address, anywhere.
 *
 * `TRAMO_PAYLOADS=all` shows every payload at every place; without it, some of each kind.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { expect, vi } from "vitest";
import { root } from "./kit/component.ts";
import { panel } from "./kit/editor.ts";
import { furnish } from "./kit/museum.ts";
import { payloads as all, few } from "./kit/payload.ts";
import { pause } from "./kit/server.ts";
import { patience_ms } from "./kit/slow.ts";
import { type Stage, storiesOn } from "./kit/story.ts";
import { strangers, watch } from "./kit/watch.ts";

const story = storiesOn({ command: "serve", env: { TRAMO_PRIVATE_HOSTS: "127.0.0.1" } });
const everything = process.env.TRAMO_PAYLOADS === "all";
const payloads = everything ? all : few;
if (everything) vi.setConfig({ testTimeout: 1_800_000 });

/** Places that may have nothing to show, or nothing but what is ours. */
const silent = ["doubts", "tables", "what was sent", "no such page"];

/** How many payloads stand on a page as they were written, once there are any. */
async function waitForPayloads(page: Page, withinMs: number): Promise<number> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const words = (await page.locator("body").innerText()) + (await page.title());
    const shown = payloads.filter((it) => words.includes(it.trim().slice(0, 24))).length;
    if (shown > 0 || Date.now() > deadline) return shown;
    await pause(60);
  }
}

/** How many payloads a part of a page shows, once it shows any. */
async function payloadsIn(part: Locator): Promise<number> {
  const deadline = Date.now() + patience_ms;
  for (;;) {
    const texts = await part.evaluateAll((all) =>
      all.map((it) => (it as HTMLTextAreaElement).value ?? it.textContent ?? ""),
    );
    const values = await part
      .locator("input")
      .evaluateAll((all) => all.map((it) => (it as HTMLInputElement).value));
    const words = [...texts, ...values].join("\n").replaceAll('\\"', '"');
    const seen = payloads.filter((it) => words.includes(it.trim().slice(0, 24))).length;
    if (seen > 0 || Date.now() > deadline) return seen;
    await pause(60);
  }
}

/** Somebody else, whose name is a payload, edits the flow that one opens. */
async function besideAStranger(stage: Stage): Promise<Page> {
  const invited = { email: "stranger@example.com", role: "editor" };
  const { url } = await stage.server.ask("POST", "/invitations", invited);
  const theirs = await stage.open("/", { stranger: true, refusals: [401] });
  const answer = await theirs.request.post("/api/v1/accounts", {
    headers: { origin: stage.server.url },
    data: {
      token: url.split("#t=")[1],
      name: payloads[0],
      email: invited.email,
      password: "a long sentence",
      language: "en",
    },
  });
  expect(answer.status(), await answer.text()).toBe(201);
  await theirs.goto("/flows/flow_question");
  await theirs.getByRole("button", { name: "Publish" }).waitFor();
  return theirs;
}

/** The flow as it is shown on a phone. */
async function onPhone(page: Page, origin: string): Promise<string[]> {
  const breaches = await watch(page.context(), origin);
  await page.goto("/flows/flow_canvas");
  await waitForPayloads(page, patience_ms);
  return [...breaches, ...(await strangers(page))];
}

/** Live pages move: what is gone, or has moved out of reach, is passed over. */
const openIfThere = (thing: Locator) => thing.click({ timeout: 1_500 }).catch(() => {});

const more = (page: Page) => page.getByRole("button", { name: "More", exact: true }).click();

/** What a place shows only to who opens it; where a part of the page is given, payloads are in it. */
const openings: Record<string, (page: Page) => Promise<Locator | undefined>> = {
  "problems of a flow": async (page) => {
    await page.getByRole("button", { name: /problems?$/ }).click();
    return page.getByRole("region", { name: "Problems" });
  },
  "pinned data": async (page) => {
    await page.getByTestId("node-n0").click();
    await panel(page).getByRole("button", { name: "Pinned data" }).click();
    await page.getByRole("menuitem", { name: "Edit the pinned data…" }).click();
    return page.getByRole("dialog").getByRole("textbox");
  },
  "conditions in words": async (page) => {
    await page.getByTestId("node-check").click();
    return panel(page).locator('[data-pointer="/rules/0/when"]');
  },
  sentences: async (page) => {
    await page.locator('[aria-keyshortcuts$="Shift+L"]').click();
    return page.locator("[data-step]").nth(1);
  },
  "commands of a flow": async (page) => {
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog", { name: "Commands" }).waitFor();
    await page.keyboard.type("onerror");
    return page.getByRole("listbox");
  },
  "what differs between versions": async (page) => {
    await more(page);
    await page.getByRole("menuitem", { name: "Versions" }).click();
    await page.getByRole("button", { name: "Compare with what is live" }).click();
    return page.getByRole("region", { name: "Changes" });
  },
  "a toast": async (page) => {
    const named = payloads[1]?.trim().slice(0, 24) ?? "";
    const row = page.getByRole("listitem").filter({ hasText: named }).last();
    await row.getByRole("button", { name: /^More for/ }).click();
    await page.getByRole("menuitem", { name: /Delete/ }).click();
    await page.getByRole("button", { name: "Delete the flow" }).click();
    return page.getByRole("status").filter({ hasText: "is deleted" });
  },
  flows: async (page) => {
    await page.keyboard.press("Control+k");
    await page.keyboard.type("img");
    await waitForPayloads(page, patience_ms);
  },
  canvas: async (page) => {
    await page.getByTestId("node-n0").click();
    await page.locator("[data-panel]").getByRole("tab").first().waitFor();
    for (const tab of await page.locator("[data-panel]").getByRole("tab").all()) {
      await openIfThere(tab);
    }
  },
  "a run": async (page) => {
    for (const name of ["Ask the vendor", "Set"]) {
      await openIfThere(page.getByRole("main").getByRole("button", { name }).first());
      for (const tab of await page.getByRole("tab").all()) await openIfThere(tab);
    }
  },
};

story("what others wrote is text at every place that shows it", async (stage) => {
  const page = await stage.open("/flows", { refusals: [404] });
  const museum = await furnish(stage.server, payloads);
  try {
    const breaches = await watch(page.context(), stage.server.url);
    const shown: Record<string, number> = {};
    const places = Object.entries(museum.places);
    const answers = everything ? museum.answers : museum.answers.slice(0, 2);
    for (const answer of answers) places.push([`answer ${answer}`, answer]);
    for (const [place, path] of places) {
      await page.goto(path);
      shown[place] = await waitForPayloads(page, silent.includes(place) ? 400 : patience_ms);
      const part = await openings[place]?.(page);
      if (part) shown[`${place}, opened`] = await payloadsIn(part);
      breaches.push(...(await strangers(page)).map((it) => `${place}: ${it}`));
    }
    for (const mail of museum.mails) {
      await page.goto("about:blank");
      await page.setContent(mail);
      breaches.push(...(await strangers(page)).map((it) => `a mail: ${it}`));
    }
    await besideAStranger(stage);
    await page.goto("/flows/flow_question");
    const banner = page.getByRole("status").filter({ hasText: "is editing" });
    shown["who edits"] = await payloadsIn(banner);
    breaches.push(...(await strangers(page)).map((it) => `who edits: ${it}`));
    const phone = await stage.open("/flows", { width: 390 });
    breaches.push(...(await onPhone(phone, stage.server.url)));
    expect(breaches).toEqual([]);
    const bare = Object.keys(shown).filter((place) => !shown[place] && !silent.includes(place));
    expect(bare, "places that show no payload: nothing was tried there").toEqual([]);
  } finally {
    await museum.close();
  }
});

story(
  "every page carries a policy without inline code and eval, and asks nobody else",
  async ({ server }) => {
    for (const path of ["/", "/flows", "/start", "/answer/none", "/form/none", "/nothing"]) {
      const answer = await fetch(`${server.url}${path}`);
      const policy = answer.headers.get("content-security-policy") ?? "";
      expect(policy, path).toContain("default-src 'none'");
      expect(policy, path).not.toMatch(/unsafe|https?:|\*/);
      expect(answer.headers.get("x-content-type-options"), path).toBe("nosniff");
      await answer.arrayBuffer();
    }
  },
);

story("whatever a payload does is noticed: on a page that takes them for markup", async (stage) => {
  const page = await stage.open("/start", { stranger: true, refusals: [401] });
  const breaches = await watch(page.context(), stage.server.url);
  const bare = await page.context().newPage();
  await bare.setContent(few.filter((it) => it.startsWith("<")).join("\n"));
  await expect
    .poll(() => breaches.filter((it) => it.includes("a script ran")).length)
    .toBeGreaterThan(1);
  await expect.poll(() => breaches.some((it) => it.includes("asked http://canary"))).toBe(true);
  expect(await strangers(bare)).toEqual(
    expect.arrayContaining(["<img onerror>", "<svg onload>", "<iframe>"]),
  );
});

story("a table written as CSV starts no formula in whoever opens it", async ({ server }) => {
  const formulas = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0"];
  for (const formula of formulas) {
    await server.ask("PUT", "/tables/formulas/rows", { key: formula, row: { said: formula } });
  }
  const { csv } = await server.ask("GET", "/tables/formulas/export?form=csv");
  const cells = (csv as string).matchAll(/(?<=^|,)(?:"((?:[^"]|"")*)"|([^,\r\n]*))/gm);
  const texts = [...cells].map(([, quoted, bare]) => quoted ?? bare ?? "");
  expect(texts.filter((it) => /^[=+\-@\t\r]/.test(it))).toEqual([]);
  expect(texts.filter((it) => it.startsWith("'"))).toHaveLength(2 * formulas.length);
});

story("no built file names another host to load anything from", async () => {
  const folder = join(root, "web/tramo_web/static");
  const loads =
    /(?:src|href|import|from|url|fetch|Worker|importScripts)\s*[=(]?\s*\(?["'`]?(?:https?:)?\/\/[a-z0-9.-]+\.[a-z]{2,}/gi;
  const named: string[] = [];
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!/\.(js|css|html|svg)$/.test(name)) continue;
    const found = readFileSync(join(folder, name), "utf8").match(loads) ?? [];
    named.push(...found.map((it) => `${name}: ${it}`));
  }
  expect(named).toEqual([]);
});

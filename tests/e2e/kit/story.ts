/** A story: somebody with a browser in front of a server. What the page complains of fails it. */
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chromium as executable, lacking } from "./component.ts";
import { Server, type ServerOptions } from "./server.ts";
import { patience_ms, slowDown } from "./slow.ts";

export interface Look {
  width?: number;
  dark?: boolean;
  locale?: string;
  /** Somebody without a session. */
  stranger?: boolean;
  /** Statuses that this story is about: the browser reports every refused request as an error. */
  refusals?: number[];
  /** The server goes away in this story. */
  interrupted?: boolean;
  motion?: boolean;
}

export interface Stage {
  server: Server;
  /** A window of its own, with a session of the owner unless it is a stranger's. */
  open: (path: string, look?: Look) => Promise<Page>;
  /** Lets the windows opened from here on have this page's session. */
  keepSession: (page: Page) => Promise<void>;
}

type Session = Awaited<ReturnType<BrowserContext["storageState"]>>;

const failures = join(tmpdir(), "tramo-e2e-failures");
export const owner = { name: "Ana Ionescu", email: "ana@example.com", password: "a long sentence" };

/**
 * The stories of one file: one browser and one server for all of them.
 *
 * A story that failed leaves things half done; whoever comes after it, itself once more, has a new
 * server. So no story relies on what another one left.
 */
export function storiesOn(options: ServerOptions) {
  let running: Server | null = null;
  let browser: Browser;
  let session: Session | null = null;

  if (lacking === null) {
    beforeAll(async () => {
      running = await Server.start(options);
      browser = await chromium.launch({ executablePath: executable, args: switches });
    });
    afterAll(async () => {
      await browser?.close();
      await running?.stop();
    });
  }

  const ownSession = async (server: Server) => {
    session ??= await enter(browser, server);
    return session;
  };

  return (name: string, play: (stage: Stage) => Promise<void>) =>
    test(name, async (context) => {
      if (lacking !== null) return context.skip(lacking);
      running ??= await Server.start(options);
      const server = running;
      const contexts: BrowserContext[] = [];
      const complaints: string[] = [];
      const close = async () => {
        for (const shown of contexts.splice(0)) await shown.close();
      };
      /** What this story has used is nobody's any more. */
      const leave = () => {
        if (running === server) [running, session] = [null, null];
      };
      context.signal.addEventListener("abort", () => {
        leave();
        void close();
      });
      const open = async (path: string, look: Look = {}) => {
        const shown = await browser.newContext({
          viewport: { width: look.width ?? 1440, height: (look.width ?? 1440) > 600 ? 900 : 844 },
          colorScheme: look.dark ? "dark" : "light",
          locale: look.locale ?? "en-US",
          reducedMotion: look.motion ? "no-preference" : "reduce",
          hasTouch: (look.width ?? 1440) < 600,
          permissions: ["clipboard-read", "clipboard-write"],
          baseURL: server.url,
          ...(!look.stranger && { storageState: await ownSession(server) }),
        });
        contexts.push(shown);
        shown.setDefaultTimeout(patience_ms);
        await slowDown(shown);
        const page = await shown.newPage();
        listen(page, look, complaints);
        await page.goto(path);
        return page;
      };
      try {
        const keepSession = async (page: Page) => {
          session = await page.context().storageState();
        };
        await play({ server, open, keepSession });
        expect(complaints, "complaints of the pages").toEqual([]);
        expect(server.said, "what the server printed").not.toContain("Traceback");
      } catch (error) {
        const pages = contexts.flatMap((it) => it.pages());
        await keepPictures(name, pages);
        if (complaints.length > 0) process.stderr.write(`${complaints.join("\n")}\n`);
        leave();
        await close();
        await server.stop();
        throw error;
      } finally {
        await close();
      }
    });
}

export const switches = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** Signs in by the link that the start printed, or makes the owner's account with it. */
export async function enter(browser: Browser, server: Server): Promise<Session> {
  const context = await browser.newContext({ baseURL: server.url });
  const token = server.link.split("#t=")[1];
  const headers = { origin: server.url };
  const post = async (path: string, data: unknown) => {
    const answer = await context.request.post(`/api/v1${path}`, { data, headers });
    if (!answer.ok()) throw new Error(`${path}: ${await answer.text()}`);
    return await answer.json();
  };
  const { purpose } = await post("/links/redeem", { token });
  if (purpose === "owner") await post("/accounts", { token, ...owner, language: "en" });
  const session = await context.storageState();
  await context.close();
  return session;
}

function listen(page: Page, look: Look, complaints: string[]): void {
  page.on("pageerror", (error) => complaints.push(`page error: ${error.stack ?? error.message}`));
  page.on("console", (said) => {
    if (said.type() !== "error") return;
    const text = said.text();
    if (look.refusals?.some((status) => text.includes(`status of ${status}`))) return;
    if (look.interrupted && /net::ERR_|status of 50\d/.test(text)) return;
    complaints.push(`console (${page.url()}): ${text}`);
  });
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
}

async function keepPictures(name: string, pages: Page[]): Promise<void> {
  await mkdir(failures, { recursive: true });
  for (const [index, page] of pages.entries()) {
    const file = `${name.replaceAll(/[^a-z0-9]+/gi, "-").slice(0, 80)}-${index}.png`;
    const path = join(failures, file);
    await page.screenshot({ path, timeout: 5_000 }).then(
      () => process.stderr.write(`Picture: ${path}\n`),
      () => {},
    );
  }
}

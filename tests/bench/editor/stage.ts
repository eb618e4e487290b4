/** A server with the bench's flows, and windows of its owner. */
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { chromium as executable } from "../../e2e/kit/component.ts";
import { Server } from "../../e2e/kit/server.ts";
import { enter, switches } from "../../e2e/kit/story.ts";
import { bigFlow } from "./flow.ts";

export class Stage {
  private constructor(
    readonly server: Server,
    private readonly browser: Browser,
    private readonly session: Awaited<ReturnType<BrowserContext["storageState"]>>,
  ) {}

  static async set(): Promise<Stage> {
    const server = await Server.start({ command: "serve" });
    for (const count of [1_000, 2_000]) {
      await server.ask("POST", "/flows", { document: bigFlow(`flow_big${count}`, count) });
    }
    const browser = await chromium.launch({ executablePath: executable, args: switches });
    return new Stage(server, browser, await enter(browser, server));
  }

  async clear(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
  }

  /** A window with nothing in its cache. */
  async open(): Promise<Page> {
    const context = await this.browser.newContext({
      viewport: { width: 1440, height: 900 },
      baseURL: this.server.url,
      storageState: this.session,
      locale: "en-US",
    });
    return context.newPage();
  }

  /** A window in which a flow is drawn. */
  async openFlow(id: string): Promise<Page> {
    const page = await this.open();
    await page.goto(`/flows/${id}`);
    await page.locator(".react-flow__node").first().waitFor();
    await page.waitForTimeout(1_500);
    return page;
  }
}

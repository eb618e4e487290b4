/** Notices whatever a payload could do in a page: run, ask a strange host, or become an element. */
import type { BrowserContext, Page } from "playwright-core";
import { canary, trap } from "./payload.ts";

/** Watches every page of a context; the list it gives fills up with what was done. */
export async function watch(context: BrowserContext, origin: string): Promise<string[]> {
  const done: string[] = [];
  await context.exposeBinding("tellOfBreach", ({ page }, what: string) => {
    done.push(`${page.url()}: ${what}`);
  });
  await context.addInitScript((name) => {
    const tell = (what: string) =>
      (globalThis as unknown as { tellOfBreach: (what: string) => void }).tellOfBreach(what);
    Object.defineProperty(globalThis, name, { set: () => tell("a script ran"), get: () => 0 });
    addEventListener("securitypolicyviolation", (event) =>
      tell(`refused by policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
    );
  }, trap);
  context.on("request", (request) => {
    const url = request.url();
    if (url.startsWith(origin) || /^(blob|data|about):/.test(url)) return;
    done.push(`${request.frame().url()}: asked ${url}`);
  });
  context.on("page", (page) => {
    page.on("dialog", (dialog) => {
      done.push(`${page.url()}: dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
  });
  return done;
}

/** What in a page came of a payload and is no text: elements, handlers, addresses, frames. */
export async function strangers(page: Page): Promise<string[]> {
  return page.evaluate((host) => {
    const found: string[] = [];
    const roots: (Document | ShadowRoot)[] = [document];
    for (const root of roots) {
      for (const element of root.querySelectorAll("*")) {
        if (element.shadowRoot) roots.push(element.shadowRoot);
        const name = element.localName;
        const odd =
          /^(iframe|frame|frameset|object|embed|applet|base|marquee|template|math|xss|x|custom-element)$/;
        if (odd.test(name)) found.push(`<${name}>`);
        for (const { name: attribute, value } of element.attributes) {
          if (/^on/i.test(attribute)) found.push(`<${name} ${attribute}>`);
          const leads = /^(href|src|srcset|action|formaction|data|poster|xlink:href|srcdoc|ping)$/;
          if (!leads.test(attribute)) continue;
          const plain = value.replaceAll(/[\s\p{C}]/gu, "").toLowerCase();
          const acts = /^(javascript|vbscript|data:text)/.test(plain);
          // A note may hold a link to anywhere: it leads there whoever follows it, and tells nothing.
          const link = name === "a" && attribute === "href" && element.matches("[rel~=noopener]");
          if (acts || (!link && new RegExp(`^(https?:)?//${host}`).test(plain))) {
            found.push(`<${name} ${attribute}="${value}">`);
          }
        }
        if (/^xss/.test(element.id)) found.push(`<${name} id=${element.id}>`);
      }
    }
    if (typeof document.getElementById !== "function") found.push("document.getElementById");
    if (document.body.tagName !== "BODY") found.push("document.body");
    return found;
  }, canary);
}

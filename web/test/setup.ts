/** What Mantine and React Flow ask of a browser and jsdom does not have. */

import { i18n } from "@lingui/core";
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

i18n.loadAndActivate({ locale: "en", messages: {} });
afterEach(cleanup);
// What is certain to come may take its time on a loaded machine.
configure({ asyncUtilTimeout: 60_000 });

// A change is judged by the same cases every time; whoever works on it meets new ones.
if (process.env.TRAMO_CI) (await import("fast-check")).configureGlobal({ seed: 20_261_122 });

class Observer {
  observe() {}
  unobserve() {}
  disconnect() {}
}
globalThis.ResizeObserver ??= Observer as unknown as typeof ResizeObserver;
globalThis.IntersectionObserver ??= Observer as unknown as typeof IntersectionObserver;
window.matchMedia ??= ((query: string) => ({
  matches: false,
  media: query,
  onchange: null,
  addListener() {},
  removeListener() {},
  addEventListener() {},
  removeEventListener() {},
  dispatchEvent: () => false,
})) as unknown as typeof window.matchMedia;
Element.prototype.scrollIntoView ??= () => {};
Object.defineProperty(document, "fonts", {
  value: { addEventListener() {}, removeEventListener() {} },
});

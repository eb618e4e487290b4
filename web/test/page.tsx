/** Opens the whole editor in jsdom on a path, with the fixture's API behind it. */
import { configure, render } from "@testing-library/react";
import axe from "axe-core";
import { beforeAll, expect, vi } from "vitest";
import { parseJson, writeJson } from "~/api/json.ts";
import { App } from "~/app/App.tsx";
import { answer, type Reply } from "./fixture/answer.ts";

// What is loaded with a page waits for no reader; loading it all on a busy machine takes its time.
const pages = import.meta.glob("../src/app/*/*Page.tsx");
beforeAll(() => Promise.all(Object.values(pages).map((load) => load())), 180_000);
configure({ asyncUtilTimeout: 45_000, getElementError: (message) => new Error(message ?? "") });
vi.setConfig({ testTimeout: 180_000 });

type Override = (method: string, path: string) => Reply | Promise<Reply> | undefined;

const pings = () => new Response(new ReadableStream({ start: () => {} }));

/** Serves the API from memory; `override` answers first where it has an answer. */
export function serveFixture(
  override: Override = () => undefined,
): { method: string; path: string; body: string | null }[] {
  const calls: { method: string; path: string; body: string | null }[] = [];
  vi.stubGlobal("fetch", async (input: string, init: RequestInit = {}) => {
    const url = new URL(input, "http://localhost");
    const path = url.pathname.replace("/api/v1", "");
    const method = init.method ?? "GET";
    const text = typeof init.body === "string" ? init.body : null;
    calls.push({ method, path, body: text });
    if (path === "/live") return pings();
    const body = text === null ? null : parseJson(text);
    const reply =
      (await override(method, path)) ?? answer({ method, path, query: url.searchParams, body });
    return new Response(reply.body === undefined ? null : writeJson(reply.body), {
      status: reply.status ?? 200,
      headers: { "Content-Type": "application/json", ...(reply.etag && { ETag: reply.etag }) },
    });
  });
  return calls;
}

export function openPage(path: string) {
  history.replaceState(null, "", path);
  return render(<App />);
}

/** Everything that axe finds wrong with the page as it stands. */
export async function expectNoBarriers(): Promise<void> {
  const { violations } = await axe.run(document.body, {
    resultTypes: ["violations"],
    // jsdom lays nothing out: contrast is looked at in the real browser.
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`),
  ).toEqual([]);
}

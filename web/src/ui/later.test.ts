import { render } from "@testing-library/react";
import { createElement, Suspense } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { reach } from "~/api/reach.ts";
import { ahead, fetched, later, onceThere } from "./later.ts";

let away: boolean;
const there = async () => "the code";
const missing = async (): Promise<string> => {
  throw new TypeError("Failed to fetch dynamically imported module");
};
const fromServer = (file: () => Promise<string>) => () => (away ? missing() : file());

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
    if (away) throw new TypeError("Failed to fetch");
    return new Response(JSON.stringify({ message: "Sign in." }), { status: 401 });
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  reach.setState({ lost: false });
});

describe("code that comes later", () => {
  it("comes when the server is back, and the page knows meanwhile that it is away", async () => {
    away = true;
    const code = onceThere(fromServer(there));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(reach.getState().lost).toBe(true);
    away = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await code).toBe("the code");
  });

  it("is given up when a server that answers has not got it", async () => {
    away = true;
    const code = onceThere(fromServer(missing));
    const failure = expect(code).rejects.toThrow("Failed to fetch");
    await vi.advanceTimersByTimeAsync(10_000);
    away = false;
    await vi.advanceTimersByTimeAsync(10_000);
    await failure;
  });

  it("is drawn at once where it has come already, with nothing in its place before", async () => {
    const Part = later(async () => ({ default: () => "the part" }));
    await fetched(Part);
    const shown = createElement(Suspense, { fallback: "waiting" }, createElement(Part));
    expect(render(shown).container.textContent).toBe("the part");
  });

  it("may fail unheard when nobody needs it yet", async () => {
    const unheard = vi.fn();
    process.on("unhandledRejection", unheard);
    vi.useRealTimers();
    ahead(missing);
    await new Promise((resume) => setTimeout(resume, 20));
    process.off("unhandledRejection", unheard);
    expect(unheard).not.toHaveBeenCalled();
  });
});

import { afterEach, expect, test, vi } from "vitest";
import { forget, recall, remember } from "./memory.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  for (const key of ["a", "b"]) forget(key);
});

test("what is remembered is there for the next page, until it is forgotten", () => {
  remember("a", "1");
  expect(localStorage.getItem("a")).toBe("1");
  expect(recall("a")).toBe("1");
  forget("a");
  expect(recall("a")).toBeNull();
});

test("a browser that forbids its store is worked with all the same", () => {
  vi.stubGlobal("localStorage", undefined);
  expect(recall("a")).toBeNull();
  remember("a", "1");
  expect(recall("a")).toBe("1");
  forget("a");
  expect(recall("a")).toBeNull();
});

test("a full store keeps the page's own newer word, and takes it again once there is room", () => {
  remember("b", "old");
  const full = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  remember("b", "new");
  expect(recall("b")).toBe("new");
  full.mockRestore();
  remember("b", "newest");
  expect(localStorage.getItem("b")).toBe("newest");
  expect(recall("b")).toBe("newest");
});

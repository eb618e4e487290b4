import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useLate } from "./late.ts";

const sameInitial = (late: string, now: string) => late[0] === now[0];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["requestAnimationFrame", "cancelAnimationFrame", "setTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

it("what may wait is drawn after the frame, and only as it is then", () => {
  const drawn: string[] = [];
  const shown = renderHook(({ value }) => drawn.push(useLate(value, sameInitial)), {
    initialProps: { value: "a" },
  });
  shown.rerender({ value: "ab" });
  shown.rerender({ value: "abc" });
  expect(new Set(drawn)).toEqual(new Set(["a"]));
  act(() => void vi.advanceTimersByTime(200));
  expect(drawn.at(-1)).toBe("abc");
  expect(drawn).not.toContain("ab");
});

it("what may not wait is drawn at once", () => {
  const shown = renderHook(({ value }) => useLate(value, sameInitial), {
    initialProps: { value: "a" },
  });
  shown.rerender({ value: "ab" });
  shown.rerender({ value: "b" });
  expect(shown.result.current).toBe("b");
});

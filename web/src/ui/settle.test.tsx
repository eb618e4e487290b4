import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useSettling } from "./settle";

function List({ rows }: { rows: string[] }) {
  return <ul {...useSettling(rows)} />;
}
const settling = () => screen.getByRole("list").hasAttribute("data-settling");

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a list takes no press for a moment after a row went away, whatever comes meanwhile", () => {
  const { rerender } = render(<List rows={["a", "b"]} />);
  rerender(<List rows={["a", "b", "c"]} />);
  expect(settling()).toBe(false);
  rerender(<List rows={["b", "c"]} />);
  expect(settling()).toBe(true);
  rerender(<List rows={["b", "c", "d"]} />);
  act(() => void vi.advanceTimersByTime(600));
  expect(settling()).toBe(true);
  act(() => void vi.advanceTimersByTime(200));
  expect(settling()).toBe(false);
});

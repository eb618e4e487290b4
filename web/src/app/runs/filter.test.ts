import { describe, expect, it } from "vitest";
import { dayOf, filterOf, readAsked, writeAsked } from "./filter.ts";

const asked = (text: string) => readAsked(new URLSearchParams(text));
const now = Date.parse("2026-11-22T10:00:00Z");

describe("the run list's filters", () => {
  it("stand in the address and come back from it", () => {
    for (const text of [
      "",
      "state=asking&state=failed&flow=flow_1&q=%231042",
      "text=oak+lamp&period=7d",
      "period=24h&began=hand",
      "flow=flow_1&period=2026-11-17&trigger=hook",
      "period=own&from=2026-11-01T00%3A00%3A00.000Z",
    ]) {
      expect(writeAsked(asked(text)).toString()).toBe(text);
    }
  });

  it("leave out what an address made by hand has wrong", () => {
    expect(asked("state=sleeping&period=ever")).toMatchObject({ states: [], period: null });
  });

  it("give the server instants for a period", () => {
    expect(filterOf(asked("period=1h"), now)).toEqual({ from: "2026-11-22T09:00:00.000Z" });
    expect(
      filterOf(asked("period=own&from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z"), now),
    ).toEqual({ from: "2026-11-01T00:00:00Z", to: "2026-11-02T00:00:00Z" });
  });

  it("take a day from midnight to midnight on the reader's clock", () => {
    const { from = "", to = "" } = filterOf(asked("period=2026-11-17"), now);
    expect(new Date(from).getDate()).toBe(17);
    expect(new Date(from).getHours()).toBe(0);
    expect(new Date(to).getDate()).toBe(18);
    expect(readAsked(new URLSearchParams("period=2026-13-77&trigger=x")).trigger).toBe(null);
    expect(dayOf(new Date(2026, 10, 22, 0, 5).getTime(), 5)).toBe("2026-11-17");
  });

  it("tell runs that people started from others", () => {
    expect(filterOf(asked("began=hand"), now)).toEqual({ by_hand: true });
    expect(filterOf(asked("began=itself"), now)).toEqual({ by_hand: false });
    expect(filterOf(asked("began=luck"), now)).toEqual({});
  });

  it("search keys, or with deep any text, never both", () => {
    expect(filterOf(asked("q= 1042 "), now)).toEqual({ q: "1042" });
    expect(filterOf(asked("text=lamp&q=1042"), now)).toEqual({ text: "lamp" });
    expect(filterOf(asked("text="), now)).toEqual({});
  });
});

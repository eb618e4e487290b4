import { describe, expect, it } from "vitest";
import { createFormat } from "./format.ts";

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

describe("a duration", () => {
  const { duration } = createFormat("en");

  it("is said in at most two units, whole ones beyond ten seconds", () => {
    expect(duration(0)).toBe("0ms");
    expect(duration(640)).toBe("640ms");
    expect(duration(2_310)).toBe("2.3s");
    expect(duration(59_600)).toBe("1m");
    expect(duration(3 * MINUTE_MS + 5_200)).toBe("3m 5s");
    expect(duration(2 * DAY_MS + 5 * SECOND_MS)).toBe("2d");
  });

  it("follows the language", () => {
    expect(plain(createFormat("es").duration(2_310))).toBe("2,3s");
    expect(plain(createFormat("ro").duration(2_310))).toBe("2,3 s");
  });
});

describe("a moment", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  const earlier = (ms: number) => new Date(now - ms).toISOString();

  it("is told by its distance within a week, by its date beyond", () => {
    const { ago } = createFormat("en");
    expect(ago(earlier(2 * SECOND_MS), now)).toBe("now");
    expect(ago(earlier(3 * MINUTE_MS), now)).toBe("3 minutes ago");
    expect(ago(earlier(DAY_MS), now)).toBe("yesterday");
    expect(ago(earlier(9 * DAY_MS), now)).toBe("12 Nov 2026");
  });

  it("uses all three plural forms of Romanian", () => {
    const { ago } = createFormat("ro");
    const said = [1, 3, 23].map((count) => plain(ago(earlier(count * MINUTE_MS), now)));
    expect(said).toEqual(["acum 1 minut", "acum 3 minute", "acum 23 de minute"]);
  });

  it("speaks the Portuguese of Brazil", () => {
    expect(createFormat("pt").locale).toBe("pt-BR");
    expect(plain(createFormat("pt").ago(earlier(2 * DAY_MS), now))).toBe("anteontem");
  });
});

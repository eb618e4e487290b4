/** Whatever can happen to a run, and whoever can do something to it, has words. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { actWords, meaningWords, outcomeWords, stateWords } from "./words.tsx";

const runtime = resolve(import.meta.dirname, "../../../runtime/tramo");

/** The words of a `Literal` in the server's own code. */
function literal(file: string, name: string): string[] {
  const source = readFileSync(resolve(runtime, file), "utf8");
  const found = new RegExp(`^${name} = Literal\\[([^\\]]+)\\]`, "m").exec(source);
  return [...(found?.[1] ?? "").matchAll(/"([a-z_]+)"/g)].map((match) => match[1] ?? "");
}

const missing = (words: object, wanted: string[]) => wanted.filter((it) => !(it in words));

describe("words of runs", () => {
  it("say every state of a run and of a step", () => {
    const [runs, steps] = [
      literal("model/run.py", "RunState"),
      literal("model/run.py", "StepState"),
    ];
    expect(runs.length).toBeGreaterThan(6);
    expect(steps.length).toBeGreaterThan(5);
    expect(missing(stateWords, [...runs, ...steps])).toEqual([]);
    expect(missing(meaningWords, runs)).toEqual([]);
  });

  it("say everything that a person can do to a run", () => {
    const acts = literal("store/act.py", "What");
    expect(acts).toContain("move");
    expect(missing(actWords, acts)).toEqual([]);
    expect(missing(outcomeWords, ["happened", "resend", "abort"])).toEqual([]);
  });
});

/** How much script comes before the first picture, read from the editor as it was built. */
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

const folder = new URL("../../web/tramo_web/static/assets/", import.meta.url);
const built = readdirSync(folder).filter((name) => name.endsWith(".js"));
const most_kb = 300;

const read = (name: string): string => readFileSync(new URL(name, folder), "utf8");

function named(part: string): string {
  const found = built.filter((name) => name.startsWith(`${part}-`));
  const sized = found.map((name) => ({ name, size: read(name).length }));
  const largest = sized.toSorted((left, right) => right.size - left.size)[0];
  if (!largest) throw new Error(`The build has no ${part}.`);
  return largest.name;
}

/** A script and all that it cannot start without. */
function withAll(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const [, other = ""] of read(name).matchAll(/(?:from|import)\s*["'`]\.\/([\w.-]+)["'`]/g)) {
    withAll(other, seen);
  }
  return seen;
}

for (const page of ["FlowPage", "FlowsPage"]) {
  test(`${page} is shown after at most ${most_kb} KB of compressed script`, () => {
    const first = new Set<string>();
    for (const part of ["index", "messages", page]) withAll(named(part), first);
    if (page === "FlowsPage") withAll(named("Shell"), first);
    const sizes = [...first].map((name) => gzipSync(read(name)).length);
    // A browser asks for six files at a time.
    if (page === "FlowPage") expect(sizes.length).toBeLessThanOrEqual(6);
    const kb = sizes.reduce((sum, size) => sum + size, 0) / 1_024;
    expect(kb).toBeGreaterThan(100);
    expect(kb).toBeLessThanOrEqual(most_kb);
  });
}

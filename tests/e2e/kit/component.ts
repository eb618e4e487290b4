/** What the stories need from the machine, and what is said where it is missing. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const chromium = process.env.TRAMO_CHROMIUM ?? "/usr/bin/chromium";
export const python = process.env.TRAMO_PYTHON ?? "python3";
export const root = fileURLToPath(new URL("../../../", import.meta.url));

function missing(): string | null {
  if (!existsSync(chromium)) {
    return `Chromium is not at ${chromium}; install it, or name one in TRAMO_CHROMIUM`;
  }
  if (!existsSync(`${root}web/tramo_web/static/index.html`)) {
    return "the editor is not built; run `npm run build` in web/";
  }
  return null;
}

/** The missing component in a sentence, or null. With TRAMO_CI a missing one is an error. */
export const lacking = missing();

if (lacking !== null && process.env.TRAMO_CI === "1") {
  throw new Error(`These stories cannot run: ${lacking}.`);
}

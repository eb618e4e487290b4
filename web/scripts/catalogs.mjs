// Fails when a text of the editor is missing from a catalogue or untranslated in es, pt or ro.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const locales = fileURLToPath(new URL("../src/locales", import.meta.url));
const kept = mkdtempSync(join(tmpdir(), "catalogs-"));
const read = (folder, locale) => readFileSync(join(folder, locale, "messages.po"), "utf8");
const sources = (text) =>
  new Set(
    [...text.matchAll(/^msgid ((?:".*"\n?)+)/gm)]
      .map((match) => match[1].replace(/"\n"/g, "").trim())
      .filter((id) => id !== '""'),
  );
const problems = [];
try {
  cpSync(locales, kept, { recursive: true });
  execFileSync("npx", ["lingui", "extract", "--clean"], { stdio: ["ignore", "ignore", "inherit"] });
  for (const locale of ["en", "es", "pt", "ro"]) {
    const before = sources(read(kept, locale));
    const fresh = read(locales, locale);
    for (const id of sources(fresh)) {
      if (!before.has(id)) problems.push(`${locale}: not extracted: ${id}`);
    }
    if (locale === "en") continue;
    for (const match of fresh.matchAll(/^msgid ((?:".*"\n)+)msgstr ""\n(?!")/gm)) {
      if (match[1].trim() !== '""') problems.push(`${locale}: untranslated: ${match[1].trim()}`);
    }
  }
} finally {
  cpSync(kept, locales, { recursive: true });
  rmSync(kept, { recursive: true });
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}

/** The interface's words in the language that the survey is made in. */
import { readFileSync } from "node:fs";
import { root } from "./component.ts";

export const names = { en: "English", es: "Español", pt: "Português", ro: "Română" } as const;
export type Language = keyof typeof names;

const asked = process.env.TRAMO_LANGUAGE ?? "en";
if (!(asked in names))
  throw new Error(`TRAMO_LANGUAGE is one of ${Object.keys(names).join(", ")}.`);
export const language = asked as Language;

const quoted = (lines: string): string =>
  [...lines.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((it) => JSON.parse(`"${it[1]}"`)).join("");

function read(): ReadonlyMap<string, string> {
  const text = readFileSync(`${root}web/src/locales/${language}/messages.po`, "utf8");
  const entries = text.matchAll(/^msgid ((?:".*"\n)+)msgstr ((?:".*"\n?)+)/gm);
  return new Map([...entries].map(([, id = "", said = ""]) => [quoted(id), quoted(said)]));
}

const known = language === "en" ? null : read();

/** A text of the interface as this language has it; data and names stay as they are. */
export const word = <Text extends string | RegExp>(text: Text): Text =>
  typeof text === "string" ? ((known?.get(text) ?? text) as Text) : text;

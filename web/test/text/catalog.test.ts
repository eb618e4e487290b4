/** The four catalogues are complete: every text of the source, in every language, slots and all. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { NodePath, PluginObj, types } from "@babel/core";
import { formatter } from "@lingui/format-po";
import { generateMessageId } from "@lingui/message-utils/generateMessageId";
import { describe, expect, it } from "vitest";
import { readSource, sourceFiles, walk } from "./source.ts";

const languages = ["en", "es", "pt", "ro"] as const;
type Language = (typeof languages)[number];

interface Entry {
  message: string;
  translation: string;
}

async function readCatalog(language: Language): Promise<Map<string, Entry>> {
  const path = join(import.meta.dirname, `../../src/locales/${language}/messages.po`);
  const catalog = await formatter().parse(readFileSync(path, "utf8"), {
    locale: language,
    sourceLocale: "en",
    filename: path,
  });
  return new Map(
    Object.values(catalog).map((entry) => [
      generateMessageId(entry.message ?? "", entry.context),
      { message: entry.message ?? "", translation: entry.translation ?? "" },
    ]),
  );
}

/** Collects what the macro made of the texts: objects and elements with `id` and `message`. */
function collector(found: Map<string, string>): () => PluginObj {
  const textOf = (node: types.Node | null | undefined): string | null =>
    node?.type === "StringLiteral" ? node.value : null;
  return () => ({
    visitor: {
      Program: {
        exit(program: NodePath<types.Program>) {
          program.traverse({
            ObjectExpression({ node }) {
              const values = new Map<string, string | null>();
              for (const property of node.properties) {
                if (property.type !== "ObjectProperty") continue;
                if (property.key.type !== "Identifier") continue;
                values.set(property.key.name, textOf(property.value));
              }
              const [id, message] = [values.get("id"), values.get("message")];
              if (id && message) found.set(id, message);
            },
            JSXOpeningElement({ node }) {
              const values = new Map<string, string | null>();
              for (const attribute of node.attributes) {
                if (attribute.type !== "JSXAttribute") continue;
                const { value } = attribute;
                const text =
                  value?.type === "JSXExpressionContainer"
                    ? textOf(value.expression)
                    : textOf(value);
                values.set(String(attribute.name.name), text);
              }
              const [id, message] = [values.get("id"), values.get("message")];
              if (id && message) found.set(id, message);
            },
          });
        },
      },
    },
  });
}

function sourceTexts(): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of sourceFiles()) {
    walk(file, readSource(file), ["@lingui/babel-plugin-lingui-macro", collector(found)]);
  }
  return found;
}

/** The slots of a text: `{name}`, `<0>`, and the value that a plural counts, not its forms. */
const slotsOf = (text: string): string[] =>
  [...new Set(text.match(/(?<!(?:=\d+|one|few|other) )\{\w+(?=[},])|<\d+\/?>/g) ?? [])].sort();

/** The plural forms that a language needs in every counted text (CLDR, whole numbers to a million). */
const forms: Record<Language, string[]> = {
  en: ["one", "other"],
  es: ["one", "other"],
  pt: ["one", "other"],
  ro: ["one", "few", "other"],
};

/** Quotation marks that a language does not use. */
const foreign = { es: /[“”„]/, pt: /[„«»]/, ro: /[“«»]/ } as const;

/** Romanian counts 20 and more with "de" before the thing: _20 de noduri_. */
const counted = /other \{[^{}]*#(?! de)( \p{Ll}+)/u;
/** What follows the number there is no thing that is counted. */
const uncounted =
  /# (adăugate|modificate|mutate|scoase|rămân|așteaptă|dintre)|\{la # minute\}|(^|[^,]) \{încă #\}/u;

/** Texts that are rightly the same as in English: names, and words that the languages share. */
const shared = new Set(
  [
    "Editor",
    "E-mail",
    "Manual",
    "SKU",
    "Text",
    "text",
    "General",
    "Total",
    "Item {0}:",
    "JSON",
    "Local",
  ].map((text) => text.trim()),
);

describe("the catalogues", async () => {
  const texts = sourceTexts();
  const catalogs = new Map<Language, Map<string, Entry>>();
  for (const language of languages) catalogs.set(language, await readCatalog(language));

  it("finds the texts of the source", () => {
    expect(texts.size).toBeGreaterThan(200);
  });

  it.each(languages)("hold every text of the source in %s", (language) => {
    const catalog = catalogs.get(language);
    const missing = [...texts].filter(([id]) => !catalog?.get(id)).map(([, text]) => text);
    expect(missing, "run `npm run extract` and translate what is new").toEqual([]);
  });

  describe.each(["es", "pt", "ro"] as const)("in %s", (language) => {
    const entries = [...(catalogs.get(language) ?? [])].filter(([id]) => texts.has(id));

    it("leave no text untranslated", () => {
      const untranslated = entries
        .filter(([, { message, translation }]) => {
          const words = message.replace(/\{\w+\}/g, "");
          const sameWords = translation === message && /\p{Ll}{3}/u.test(words);
          return translation.trim() === "" || (sameWords && !shared.has(message));
        })
        .map(([, { message }]) => message);
      expect(untranslated).toEqual([]);
    });

    it("keep every slot of each text", () => {
      const broken = entries
        .filter(([, { message, translation }]) => {
          return slotsOf(message).join() !== slotsOf(translation).join();
        })
        .map(([, { message, translation }]) => `${message} → ${translation}`);
      expect(broken).toEqual([]);
    });

    it("use the quotation marks of the language", () => {
      const broken = entries
        .map(([, { translation }]) => translation)
        .filter((text) => foreign[language].test(text));
      expect(broken).toEqual([]);
    });

    it("have each plural form of the language", () => {
      const broken = entries
        .filter(([, { message }]) => /\{\w+, plural,/.test(message))
        .filter(([, { translation }]) =>
          forms[language].some((form) => !translation.includes(`${form} {`)),
        )
        .map(([, { translation }]) => translation);
      expect(broken).toEqual([]);
    });
  });

  it("put “de” before what is counted from 20 on, in Romanian", () => {
    const broken = [...(catalogs.get("ro") ?? [])]
      .map(([, { translation }]) => translation)
      .filter((text) => counted.test(text) && !uncounted.test(text));
    expect(broken).toEqual([]);
  });
});

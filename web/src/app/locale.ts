/** The interface's language as it is spoken: its texts are read, and it is remembered. */
import { i18n, type Messages } from "@lingui/core";
import { onceThere } from "~/ui/later.ts";
import { remember } from "~/ui/memory.ts";
import { catalogs, type Language, remembered } from "./language.ts";

export const readCatalog = async (language: Language): Promise<Messages> =>
  (await onceThere(catalogs[language])).messages;

export async function speak(language: Language): Promise<void> {
  const messages = await readCatalog(language);
  i18n.loadAndActivate({ locale: language, messages });
  document.documentElement.lang = language;
  remember(remembered, language);
}

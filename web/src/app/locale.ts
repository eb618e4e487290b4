/** The interface's language: which there are, which one is spoken, and its catalogue. */
import { i18n, type Messages } from "@lingui/core";
import { onceThere } from "~/ui/later.ts";

export const languages = { en: "English", es: "Español", pt: "Português", ro: "Română" } as const;
export type Language = keyof typeof languages;

const catalogs: Record<Language, () => Promise<{ messages: Messages }>> = {
  en: () => import("~/locales/en/messages.po") as never,
  es: () => import("~/locales/es/messages.po") as never,
  pt: () => import("~/locales/pt/messages.po") as never,
  ro: () => import("~/locales/ro/messages.po") as never,
};
const remembered = "tramo.language";

export function isLanguage(value: unknown): value is Language {
  return typeof value === "string" && value in languages;
}

/** The language chosen before, else the browser's first that we speak, else English. */
export function preferredLanguage(): Language {
  const stored = localStorage.getItem(remembered);
  if (isLanguage(stored)) return stored;
  const spoken = navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage);
  return spoken ?? "en";
}

export const readCatalog = async (language: Language): Promise<Messages> =>
  (await onceThere(catalogs[language])).messages;

export async function speak(language: Language): Promise<void> {
  const messages = await readCatalog(language);
  i18n.loadAndActivate({ locale: language, messages });
  document.documentElement.lang = language;
  localStorage.setItem(remembered, language);
}

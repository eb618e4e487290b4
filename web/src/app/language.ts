/** The languages that the interface speaks, where their texts are, and which one is wanted. */

import type { Messages } from "@lingui/core";
import { recall } from "~/ui/memory.ts";

export const languages = { en: "English", es: "Español", pt: "Português", ro: "Română" } as const;
export type Language = keyof typeof languages;

export const catalogs: Record<Language, () => Promise<{ messages: Messages }>> = {
  en: () => import("~/locales/en/messages.po") as never,
  es: () => import("~/locales/es/messages.po") as never,
  pt: () => import("~/locales/pt/messages.po") as never,
  ro: () => import("~/locales/ro/messages.po") as never,
};
export const remembered = "tramo.language";

export function isLanguage(value: unknown): value is Language {
  return typeof value === "string" && value in languages;
}

/** The language chosen before, else the browser's first that we speak, else English. */
export function preferredLanguage(): Language {
  const stored = recall(remembered);
  if (isLanguage(stored)) return stored;
  const spoken = navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage);
  return spoken ?? "en";
}

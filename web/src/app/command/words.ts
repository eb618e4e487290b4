/** What groups of commands are called, and a text in every language at once. */
import { type I18n, type MessageDescriptor, setupI18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useEffect, useState } from "react";
import { type Language, languages } from "../language.ts";
import { readCatalog } from "../locale.ts";
import type { CommandGroup } from "./registry.ts";

export const groupTitles: Record<CommandGroup, MessageDescriptor> = {
  edit: msg`Edit`,
  node: msg`Nodes`,
  view: msg`View`,
  run: msg`Runs`,
  flow: msg`Flow`,
  go: msg`Go to`,
};
export const groups = Object.keys(groupTitles) as CommandGroup[];

/** One reader for each language, there once their catalogues are. */
export function useEveryLanguage(): readonly I18n[] {
  const [all, setAll] = useState<readonly I18n[]>([]);
  useEffect(() => {
    let left = false;
    const ids = Object.keys(languages) as Language[];
    const load = async (locale: Language) =>
      setupI18n({ locale, messages: { [locale]: await readCatalog(locale) } });
    // Without them the palette still finds everything in the language that is spoken.
    Promise.all(ids.map(load)).then(
      (loaded) => !left && setAll(loaded),
      () => {},
    );
    return () => {
      left = true;
    };
  }, []);
  return all;
}

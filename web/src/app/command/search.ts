/** Finds entries of the palette by what a person types, in any language that the program speaks. */
import { plainText } from "~/model/search.ts";

export interface Entry {
  id: string;
  /** As it is shown. */
  title: string;
  /** What it is part of, shown below the title. */
  under?: string;
  group: string;
  /** The title and its other words in every language. */
  words: readonly string[];
  shortcut?: string;
  run: () => void;
}

/** How well an entry fits each of the words; 0 where it does not. */
function rank(entry: Entry, words: readonly string[]): number {
  const title = plainText(entry.title);
  const others = plainText(entry.words.join(" "));
  let sum = 0;
  for (const word of words) {
    if (title.startsWith(word)) sum += 8;
    else if (title.includes(` ${word}`)) sum += 6;
    else if (title.includes(word)) sum += 4;
    else if (others.startsWith(word) || others.includes(` ${word}`)) sum += 3;
    else if (others.includes(word)) sum += 1;
    else return 0;
  }
  return sum;
}

/** The entries that fit, best first; equal ones stay in their order. */
export function searchEntries(entries: readonly Entry[], query: string): Entry[] {
  const words = plainText(query).split(/\s+/).filter(Boolean);
  return entries
    .map((entry) => ({ entry, rank: rank(entry, words) }))
    .filter((found) => found.rank > 0)
    .sort((left, right) => right.rank - left.rank)
    .map((found) => found.entry);
}

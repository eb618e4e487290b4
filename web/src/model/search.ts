/** Finds node types by what a person types, in any of the words that the catalogue knows. */
import type { Catalog, Connector, NodeType } from "~/api/contract";

export interface Group {
  id: string;
  title: string;
  types: NodeType[];
}

/** Text as people search it: no accents, no case. */
export function plainText(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{Diacritic}/gu, "")
    .toLowerCase();
}

function rank(type: NodeType, connector: string, words: string[]): number {
  const title = plainText(type.title);
  const near = plainText([connector, type.category, ...type.synonyms].join(" "));
  const far = plainText(`${type.summary} ${type.type}`);
  let sum = 0;
  for (const word of words) {
    if (title.startsWith(word)) sum += 8;
    else if (title.split(/\s+/).some((part) => part.startsWith(word))) sum += 6;
    else if (title.includes(word)) sum += 4;
    else if (near.includes(word)) sum += 3;
    else if (far.includes(word)) sum += 1;
    else return 0;
  }
  return sum;
}

/** The types that fit every word, best first; all of them, in catalogue order, for no words. */
export function searchTypes(catalog: Catalog, query: string): NodeType[] {
  const words = plainText(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return catalog.node_types;
  const titles = new Map(catalog.connectors.map((it) => [it.id, it.title]));
  return catalog.node_types
    .map((type) => ({ type, rank: rank(type, titles.get(type.connector) ?? "", words) }))
    .filter((found) => found.rank > 0)
    .sort((left, right) => right.rank - left.rank)
    .map((found) => found.type);
}

/** The types under their connector's name; the built-in ones under their category. */
export function groupTypes(types: NodeType[], connectors: Connector[]): Group[] {
  const groups = new Map<string, Group>();
  for (const type of types) {
    const connector = connectors.find((it) => it.id === type.connector);
    const own = type.connector === "core";
    const id = own ? `core:${type.category}` : type.connector;
    const title = own ? type.category : (connector?.title ?? type.connector);
    const group = groups.get(id);
    if (group) group.types.push(type);
    else groups.set(id, { id, title: title || type.connector, types: [type] });
  }
  // What starts a flow comes first, as it does in a flow.
  const starts = (group: Group) => (group.types.every((type) => type.kind === "trigger") ? 0 : 1);
  return [...groups.values()].sort((left, right) => starts(left) - starts(right));
}

/** Which of a run's business keys people know it by. */
import type { BusinessKey } from "~/api/contract.ts";

/** From what people say aloud ("order #1011") to what only systems use. */
const spoken = [
  "order_name",
  "order",
  "quote",
  "invoice",
  "return",
  "refund",
  "email",
  "person",
  "customer",
  "sku",
  "product",
  "inventory_item",
];

/** Kinds that say nothing new beside a better one: an order's id beside its number. */
const betterSaidBy: Record<string, string> = {
  order: "order_name",
  person: "email",
  customer: "email",
};

const rank = ({ kind }: BusinessKey): number => {
  const place = spoken.indexOf(kind);
  return place < 0 ? spoken.length : place;
};

/** At most two keys of different kinds, the ones people would name the run by. */
export function headKeys(keys: BusinessKey[]): BusinessKey[] {
  const kinds = new Set(keys.map(({ kind }) => kind));
  const named = keys.filter(({ kind }) => !kinds.has(betterSaidBy[kind] ?? ""));
  const byRank = named.toSorted((left, right) => rank(left) - rank(right));
  return byRank
    .filter((key, place) => byRank.findIndex(({ kind }) => kind === key.kind) === place)
    .slice(0, 2);
}

const bare = (text: string): string => text.trim().replace(/^#/, "").toLowerCase();

/** The key by which a search found a run: an order number counts with and without its sign. */
export function soughtKey(keys: BusinessKey[], sought: string): BusinessKey | undefined {
  const hits = keys.filter(({ value }) => bare(value) === bare(sought));
  return hits.toSorted((left, right) => rank(left) - rank(right))[0];
}

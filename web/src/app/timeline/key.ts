/** What kind of key somebody has typed. */

/** Kinds that people search by, the commonest first. */
export const searched = [
  "order_name",
  "email",
  "sku",
  "order",
  "person",
  "product",
  "shipment",
  "cart",
];

/** The likeliest kind of a typed value: an e-mail, an order's number, or the id of an order. */
export function guessKind(value: string): string {
  const text = value.trim();
  if (text.includes("@")) return "email";
  if (/^#/.test(text)) return "order_name";
  if (/^\d{6,}$/.test(text)) return "order";
  return /^\d+$/.test(text) || text === "" ? "order_name" : "sku";
}

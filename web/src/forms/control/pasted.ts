/** What a pasted text holds for a list: an item a line, or one between commas that no item may have. */
import type { JsonSchema } from "~/api/contract.ts";

const trimmed = (parts: string[]): string[] =>
  parts.map((part) => part.trim()).filter((part) => part !== "");

export function itemsIn(text: string, item: JsonSchema): string[] {
  const lines = trimmed(text.split(/\r?\n/));
  const allowed = allowedBy(item);
  return lines.flatMap((line) => {
    if (allowed(line)) return [line];
    const parts = trimmed(line.split(","));
    return parts.length > 1 && parts.every(allowed) ? parts : [line];
  });
}

/** A pattern that the browser cannot read allows everything here: the server knows. */
function allowedBy({ pattern }: JsonSchema): (text: string) => boolean {
  if (typeof pattern !== "string") return () => true;
  try {
    const read = new RegExp(pattern, "u");
    return (text) => read.test(text);
  } catch {
    return () => true;
  }
}

/** What was chosen in the palette before, the last one first; kept in this browser. */
import { recall, remember } from "~/ui/memory.ts";

const remembered = "tramo.recent";
const kept = 6;

export function recentIds(): string[] {
  try {
    const ids: unknown = JSON.parse(recall(remembered) ?? "[]");
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

export function rememberChoice(id: string): void {
  const ids = [id, ...recentIds().filter((it) => it !== id)].slice(0, kept);
  remember(remembered, JSON.stringify(ids));
}

/** The node types that were added last in this browser, the newest first. */
import { recall, remember } from "~/ui/memory.ts";

const place = "tramo.recent.nodes";
const most = 4;

export function recentTypes(): string[] {
  const text = recall(place) ?? "";
  return text.split(" ").filter(Boolean).slice(0, most);
}

export function rememberType(type: string): void {
  const types = [type, ...recentTypes().filter((it) => it !== type)].slice(0, most);
  remember(place, types.join(" "));
}

/** The node types that were added last in this browser, the newest first. */

const remembered = "tramo.recent";
const most = 4;

export function recentTypes(): string[] {
  const text = localStorage.getItem(remembered) ?? "";
  return text.split(" ").filter(Boolean).slice(0, most);
}

export function rememberType(type: string): void {
  const types = [type, ...recentTypes().filter((it) => it !== type)].slice(0, most);
  localStorage.setItem(remembered, types.join(" "));
}

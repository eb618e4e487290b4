/**
 * Asks for what the first page will want while the editor's own code is still on its way.
 *
 * It is the first script to run, so it imports nothing but what it needs for that.
 */
import { askFirst } from "~/api/first.ts";
import { catalogs, preferredLanguage } from "./language.ts";

export const language = preferredLanguage();
document.documentElement.lang = language;
/** What the server has been asked for. */
export const asked = wantedAt(location.pathname);

for (const path of asked) askFirst(path, language);
fetchCode(location.pathname);

function flowAt(path: string): string | undefined {
  return /^\/flows\/([^/]+)\/?$/.exec(path)?.[1];
}

function wantedAt(path: string): string[] {
  if (path === "/start") return [];
  const flow = flowAt(path);
  return flow === undefined ? ["/session"] : ["/session", `/flows/${flow}`, "/catalog"];
}

/** What fails now is asked for once more by whoever shows it. */
function fetchCode(path: string): void {
  const parts: Promise<unknown>[] = [catalogs[language]()];
  if (flowAt(path) !== undefined) parts.push(import("./editor/FlowPage.tsx"));
  else if (path !== "/start") parts.push(import("./shell/Shell.tsx"));
  for (const part of parts) part.catch(() => {});
}

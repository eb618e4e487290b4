/** Asks for what the first page will want while the page itself is still on its way. */
import { api } from "~/api/client.ts";
import { part } from "~/api/transport.ts";
import { ahead } from "~/ui/later.ts";
import { matchPath } from "./router.tsx";

export function begin(path: string): void {
  if (path === "/start") return;
  api.transport.begin("/session");
  const id = matchPath("/flows/:id", path)?.id;
  if (id === undefined) {
    ahead(() => import("./shell/Shell.tsx"));
    return;
  }
  api.transport.begin(`/flows/${part(id)}`);
  api.transport.begin("/catalog");
  ahead(() => import("./editor/FlowPage.tsx"));
}

/** The form of every type of node that there is, opened as far as it goes. */
import type { Locator, Page } from "playwright-core";
import { flowOf, node } from "../kit/editor.ts";
import type { Server } from "../kit/server.ts";

export interface NodeForm {
  type: string;
  path: string;
}

/** Makes a flow with nothing but one node, for each type. */
export async function nodeForms(server: Server): Promise<NodeForm[]> {
  const { node_types: types } = await server.ask("GET", "/catalog");
  const forms: NodeForm[] = [];
  for (const { type } of types as { type: string }[]) {
    const id = `flow_${type.replaceAll(".", "_")}`;
    await server.ask("POST", "/flows", { document: flowOf(id, [{ id: "it", type }]) });
    forms.push({ type, path: `/flows/${id}` });
  }
  return forms;
}

/** Opens a node's form and everything that is folded in it. */
export async function openForm(page: Page): Promise<Locator> {
  await page.locator(".react-flow__node, [data-step]").first().waitFor();
  if ((await page.locator("[data-step]").count()) > 0) {
    await page.locator('[aria-keyshortcuts$="Shift+L"]').click();
  }
  await node(page, "it").click();
  const panel = page.locator("[data-panel], [role=dialog]").first();
  await panel.locator("[data-name]").waitFor();
  const folds = panel.locator('button[aria-expanded="false"]:not([aria-haspopup], [aria-label])');
  for (let left = 6; left > 0 && (await folds.count()) > 0; left -= 1) await folds.first().click();
  return panel;
}

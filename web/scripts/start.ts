/** How the editor's code is put into files: few of them come before the first picture of a flow. */
import type { Plugin, Rolldown } from "vite";

/** What asks for everything else: it comes first, and is run as soon as it has come. */
const first =
  /\/src\/(app\/(begin|language)|api\/first)\.ts$|^\0(vite\/preload-helper|rolldown\/runtime)/;
/** What no other page has a use for. */
const ofFlow = /\/src\/(app\/editor|canvas)\/|\/node_modules\/(@xyflow|d3-|classcat)/;

/** What opens over a page, and fields to search in: the shell and the editor have both at once. */
const ofMenu = /\/@mantine\/core\/esm\/components\/(Menu|Popover|TextInput|Portal|FocusTrap)\//;

/** The files by which the editor starts: what asks first, what every page needs, a flow's page. */
export function startFiles(): Rolldown.CodeSplittingGroup[] {
  return [
    { name: "begin", test: first, priority: 3 },
    { name: "index", test: (id) => !ofFlow.test(id), tags: ["$initial"], priority: 2 },
    { name: "FlowPage", tags: ["$initial"], priority: 1 },
    { name: "menu", test: ofMenu },
  ];
}

/** Has the browser run what asks first before the style sheet and the rest have come. */
export function beginFirst(): Plugin {
  return {
    name: "begin-first",
    transformIndexHtml: {
      order: "post",
      handler(_html, { bundle }) {
        const file = Object.values(bundle ?? {}).find((it) => it.name === "begin");
        if (!file) return [];
        const attrs = { type: "module", async: true, crossorigin: true, src: `/${file.fileName}` };
        return [{ tag: "script", attrs, injectTo: "head-prepend" }];
      },
    },
  };
}

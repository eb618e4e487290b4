/** What can be done in the editor of a flow, as commands for keys, palette and cheat sheet. */
import { msg, t } from "@lingui/core/macro";
import { useMemo } from "react";
import { findNode } from "~/model/flow.ts";
import { nodeTitle } from "~/model/variable.ts";
import { waysBack } from "~/model/walk.ts";
import { seekFocus } from "~/ui/seek.ts";
import { say } from "~/ui/toast.tsx";
import { type AppCommand, useCommands, useDestinations } from "../command/registry.ts";
import type { Actions } from "./actions.ts";
import { useKnown } from "./data.ts";
import { focusedNode, focusNode } from "./roam/ground.ts";
import { saveNow } from "./save.ts";
import { type EditorStore, useEditorStore } from "./store.ts";

const step = 8;
const leap = 40;
const ways = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
} as const;
type Arrow = keyof typeof ways;
const arrows = Object.keys(ways) as Arrow[];
const withArrows = (modifier: string) => arrows.map((arrow) => `${modifier}${arrow}`);
const arrowIn = (pressed: string | undefined): Arrow =>
  (pressed?.split("+").at(-1) as Arrow | undefined) ?? "ArrowRight";

/** What the page around the canvas does for commands. */
export interface EditorDoors {
  /** Asks for a node in the view that has a place of its own for it. */
  onAsk: (() => void) | null;
  onFit: () => void;
  onRun: () => void;
  onPublish: () => void;
  onRuns: () => void;
  onVersions: () => void;
  onProblems: () => void;
  onExport: () => void;
  onGo: (node: string) => void;
}

export function useEditorCommands(actions: Actions, doors: EditorDoors): void {
  const store = useEditorStore();
  const { types, readOnly } = useKnown();
  const own = useMemo(
    () => [...looking(store, actions), ...(readOnly ? [] : changing(store, actions))],
    [store, actions, readOnly],
  );
  useCommands([...own, ...outward(store, doors, readOnly)]);
  useDestinations(() => {
    const { flow } = store.getState().history;
    return flow.nodes.map((node) => {
      const title = nodeTitle(flow, types, node.id);
      const under = types.get(node.type)?.title ?? node.type;
      return {
        id: node.id,
        title,
        ...(under !== title && { under }),
        group: "node" as const,
        run: () => {
          store.getState().open(node.id);
          doors.onGo(node.id);
        },
      };
    });
  });
}

/** What changes nothing. */
function looking(store: EditorStore, actions: Actions): AppCommand[] {
  const chosen = () => store.getState().selection.nodes;
  return [
    {
      id: "edit.all",
      title: msg`Choose all nodes`,
      group: "edit",
      shortcut: "Mod+A",
      run: actions.selectAll,
    },
    {
      id: "node.open",
      title: msg`Open the chosen node`,
      group: "node",
      shortcut: "Enter",
      heard: "canvas",
      enabled: () => chosen().size === 1,
      run: () => {
        store.getState().open([...chosen()][0] ?? null);
        enterPanel();
      },
    },
    {
      id: "edit.clear",
      title: msg`Close the panel; let go of what is chosen`,
      group: "edit",
      shortcut: "Escape",
      keysOnly: true,
      run: () => {
        const { opened, close, open } = store.getState();
        if (opened !== null) close();
        else open(null);
      },
    },
  ];
}

/** What changes the document. */
function changing(store: EditorStore, actions: Actions): AppCommand[] {
  const state = () => store.getState();
  const anyNode = () => state().selection.nodes.size > 0;
  const anyNote = () => (state().selection.notes?.size ?? 0) > 0;
  const anything = () => anyNode() || anyNote() || state().selection.edges.size > 0;
  return [
    {
      id: "edit.undo",
      title: msg`Undo`,
      group: "edit",
      shortcut: "Mod+Z",
      heard: "untouched",
      enabled: () => state().history.done.length > 0,
      run: () => state().undo(),
    },
    {
      id: "edit.redo",
      title: msg`Redo`,
      group: "edit",
      shortcut: ["Mod+Shift+Z", "Mod+Y"],
      heard: "untouched",
      enabled: () => state().history.undone.length > 0,
      run: () => state().redo(),
    },
    {
      id: "edit.duplicate",
      title: msg`Duplicate the chosen nodes`,
      group: "edit",
      shortcut: "Mod+D",
      enabled: anyNode,
      run: actions.duplicate,
    },
    {
      id: "edit.remove",
      title: msg`Delete what is chosen`,
      group: "edit",
      shortcut: ["Delete", "Backspace", "Mod+Delete", "Mod+Backspace"],
      heard: "canvas",
      enabled: anything,
      run: () => {
        const on = focusedNode();
        const ways = on === null ? [] : waysBack(state().history.flow, on);
        actions.remove();
        // One goes on where the node was reached from that went with the focus.
        const { flow } = state().history;
        if (on !== null && findNode(flow, on)) return;
        const left = ways.find((way) => findNode(flow, way.to));
        if (left) focusNode(left.to);
      },
    },
    {
      id: "node.nudge",
      title: msg`Move what is chosen, a little or more`,
      group: "node",
      shortcut: [...withArrows("Shift+"), ...withArrows("Mod+Shift+")],
      heard: "canvas",
      keysOnly: true,
      enabled: () => (anyNode() || anyNote()) && state().look === "canvas",
      run: (pressed) => {
        const [x, y] = ways[arrowIn(pressed)];
        const far = pressed?.startsWith("Mod") ? leap : step;
        actions.nudge([x * far, y * far]);
      },
    },
    {
      id: "view.tidy",
      title: msg`Tidy up`,
      group: "view",
      shortcut: ["Shift+T", "Alt+Shift+T"],
      keywords: msg`arrange, layout, align, order`,
      run: () => void actions.tidy(),
    },
  ];
}

/** Goes into the panel of the node that was opened, once it is there. */
export function enterPanel(field = "input"): void {
  let written: HTMLInputElement | null = null;
  seekFocus(() => {
    const found = document.querySelector<HTMLInputElement>(
      `[data-panel] ${field}, [role=dialog] ${field}`,
    );
    // Whoever renames types a new name over the old one.
    if (found !== written && found?.matches("[data-name]") && field !== "input") found.select();
    written = found;
    return found;
  });
}

/** What the page around the canvas does. */
function outward(store: EditorStore, doors: EditorDoors, readOnly: boolean): AppCommand[] {
  const all: AppCommand[] = [
    {
      id: "view.fit",
      title: msg`Show the whole flow`,
      group: "view",
      shortcut: ["Shift+1", "1"],
      keywords: msg`zoom, fit, overview`,
      run: doors.onFit,
    },
    {
      id: "flow.runs",
      title: msg`Runs of this flow`,
      group: "flow",
      shortcut: "Shift+R",
      run: doors.onRuns,
    },
    {
      id: "flow.versions",
      title: msg`Versions`,
      group: "flow",
      keywords: msg`history, compare, restore, published`,
      run: doors.onVersions,
    },
    {
      id: "flow.problems",
      title: msg`What needs attention`,
      group: "flow",
      shortcut: "Shift+P",
      keywords: msg`problems, errors, warnings`,
      enabled: () => store.getState().problems.length > 0,
      run: doors.onProblems,
    },
    {
      id: "flow.export",
      title: msg`Download as JSON`,
      group: "flow",
      shortcut: "Shift+J",
      run: doors.onExport,
    },
  ];
  if (readOnly) return all;
  const add: AppCommand[] = doors.onAsk
    ? [{ id: "node.add", title: msg`Add a node`, group: "node", shortcut: "N", run: doors.onAsk }]
    : [];
  return [
    ...all,
    ...add,
    {
      id: "flow.save",
      title: msg`Save now`,
      group: "flow",
      shortcut: "Mod+S",
      heard: "everywhere",
      run: () => {
        void saveNow(store).then((done) => done && say(t`Saved. It saves by itself, too.`));
      },
    },
    {
      id: "run.start",
      title: msg`Run by hand`,
      group: "run",
      shortcut: "Mod+Enter",
      keywords: msg`test, try, start`,
      heard: "everywhere",
      run: doors.onRun,
    },
    {
      id: "flow.publish",
      title: msg`Publish`,
      group: "flow",
      shortcut: "Mod+Shift+Enter",
      keywords: msg`go live, activate, release`,
      run: doors.onPublish,
    },
  ];
}

/** The canvas by keyboard, as commands. */
import { msg } from "@lingui/core/macro";
import { useMemo } from "react";
import { type AppCommand, useCommands } from "../../command/registry.ts";
import { useKnown } from "../data.ts";
import type { Ground } from "./ground.ts";
import { type Joining, joining } from "./join.ts";
import { gather, type Walking, walking } from "./walk.ts";

export function useRoamCommands(ground: Ground): void {
  const { readOnly } = useKnown();
  const commands = useMemo(() => {
    const drawn = () => ground.store.getState().look === "canvas";
    const any = () => drawn() && ground.flow().nodes.length > 0;
    const all = [
      ...walkCommands(walking(ground)),
      gatherCommand(ground),
      ...(readOnly ? [] : joinCommands(joining(ground))),
    ];
    return all.map(
      (command): AppCommand => ({
        enabled: command.id === "node.add" ? drawn : any,
        ...command,
        group: "node",
        heard: command.heard ?? "canvas",
      }),
    );
  }, [ground, readOnly]);
  useCommands(commands);
}

export type Own = Omit<AppCommand, "group">;

export function walkCommands(walk: Walking): Own[] {
  const ways: Record<string, () => void> = {
    ArrowRight: walk.on,
    ArrowLeft: walk.back,
    ArrowUp: walk.up,
    ArrowDown: walk.down,
  };
  return [
    {
      id: "node.walk",
      title: msg`Go along the edges, up and down`,
      shortcut: Object.keys(ways),
      keysOnly: true,
      run: (pressed = "ArrowRight") => ways[pressed]?.(),
    },
    { id: "node.first", title: msg`Go to the first node`, shortcut: "Home", run: walk.first },
    { id: "node.last", title: msg`Go to the last node`, shortcut: "End", run: walk.last },
  ];
}

function gatherCommand(ground: Ground): Own {
  return {
    id: "node.gather",
    title: msg`Choose several: take this node in or out`,
    shortcut: "Space",
    enabled: () => document.activeElement?.closest(".react-flow__node") !== null,
    // Whoever presses the pointer meanwhile holds it to move what is seen.
    run: () => afterKey(" ", () => gather(ground)),
  };
}

/** Acts once a key is let go, unless the pointer was pressed while it was down. */
function afterKey(key: string, act: () => void): void {
  const stop = () => {
    removeEventListener("keyup", up, true);
    removeEventListener("pointerdown", stop, true);
  };
  const up = (event: KeyboardEvent) => {
    if (event.key !== key) return;
    stop();
    act();
  };
  addEventListener("keyup", up, true);
  addEventListener("pointerdown", stop, true);
}

function joinCommands(join: Joining): Own[] {
  return [
    {
      id: "node.add",
      title: msg`Add a node after this one`,
      shortcut: "N",
      keywords: msg`new, step, append`,
      heard: "page",
      run: join.add,
    },
    {
      id: "node.insert",
      title: msg`Insert a node on an edge`,
      shortcut: "I",
      keywords: msg`between, before`,
      run: join.insert,
    },
    {
      id: "node.connect",
      title: msg`Connect to another node`,
      shortcut: "C",
      keywords: msg`edge, line, link`,
      run: join.connect,
    },
    {
      id: "node.disconnect",
      title: msg`Remove an edge`,
      shortcut: "X",
      keywords: msg`disconnect, cut, line`,
      run: join.disconnect,
    },
    {
      id: "edge.onward",
      title: msg`Lead the chosen edge to another node`,
      keywords: msg`reconnect, target, end`,
      enabled: join.hasEdge,
      run: join.onward,
    },
    {
      id: "edge.backward",
      title: msg`Let the chosen edge come from another node`,
      keywords: msg`reconnect, source, start`,
      enabled: join.hasEdge,
      run: join.backward,
    },
    {
      id: "node.loop",
      title: msg`Put the node into a loop, or out of it`,
      shortcut: "L",
      keywords: msg`for each, inside, box`,
      run: join.intoLoop,
    },
  ];
}

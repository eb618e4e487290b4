/** The canvas of a run, which one walks by keyboard as the draft's. */
import { msg } from "@lingui/core/macro";
import { Suspense, useEffect, useMemo, useRef, useState } from "react";
import type { Run } from "~/api/contract.ts";
import { RunCanvas } from "~/canvas/RunCanvas.tsx";
import type { CanvasView } from "~/canvas/view.ts";
import { readFlow } from "~/model/flow.ts";
import { usePortTitle } from "~/runs/way.ts";
import { ahead } from "~/ui/later.ts";
import { loadable } from "~/ui/loadable.tsx";
import { type AppCommand, useCommands } from "../command/registry.ts";
import { zooming } from "./canvas/commands.ts";
import { useKnown } from "./data.ts";
import type { Choice } from "./roam/Chooser.tsx";
import { walkCommands } from "./roam/commands.ts";
import { makeFloor } from "./roam/ground.ts";
import { walking } from "./roam/walk.ts";

const [Chooser, loadChooser] = loadable(async () => (await import("./roam/Chooser.tsx")).Chooser);

interface RunStageProps {
  run: Run;
  selected: string | null;
  onSelect: (node: string | null) => void;
  /** Somebody at a node asks what happened there. */
  onEnter: (node: string) => void;
}

export function RunStage({ run, selected, onSelect, onEnter }: RunStageProps) {
  const { catalog, types } = useKnown();
  const portTitle = usePortTitle();
  const view = useRef<CanvasView>(null);
  const [at, setAt] = useState<string | null>(null);
  const [choice, setChoice] = useState<Choice | null>(null);
  // It is there at once when a way forks.
  useEffect(() => ahead(loadChooser), []);
  const flow = useMemo(() => readFlow(run.document), [run.document]);
  const floor = makeFloor(types, portTitle, {
    view,
    offer: setChoice,
    flow: () => flow,
    at: () => at,
    stand: (id) => {
      setAt(id);
      // What is told of one step is told of the next.
      if (selected !== null) onSelect(id);
    },
  });
  const walks = walkCommands(walking(floor)).map(
    (command): AppCommand => ({ ...command, group: "node", heard: "canvas" }),
  );
  useCommands([
    ...walks,
    ...zooming(view),
    {
      id: "view.fit",
      title: msg`Show the whole flow`,
      group: "view",
      shortcut: ["Shift+1", "1"],
      keywords: msg`zoom, fit, overview`,
      run: () => view.current?.fit(),
    },
    {
      id: "node.open",
      title: msg`What happened at this step`,
      group: "node",
      shortcut: "Enter",
      heard: "canvas",
      enabled: () => floor.here() !== null,
      run: () => {
        const here = focusedNode() ?? floor.here();
        if (here === null) return;
        setAt(here);
        onEnter(here);
      },
    },
  ]);
  return (
    <>
      <RunCanvas
        run={run}
        catalog={catalog}
        selected={selected}
        at={at ?? selected ?? flow.nodes[0]?.id}
        view={view}
        onSelect={(node) => {
          if (node !== null) setAt(node);
          onSelect(node);
        }}
      />
      <Suspense>
        {choice && <Chooser key={choice.title} choice={choice} onClose={() => setChoice(null)} />}
      </Suspense>
    </>
  );
}

/** Where Tab came to, before anybody has walked. */
function focusedNode(): string | null {
  const box = document.activeElement?.closest<HTMLElement>(".react-flow__node");
  return box?.dataset.id ?? null;
}

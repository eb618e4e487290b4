/** A run drawn on its own version of the flow, to be looked at only. */
import { type RefObject, useEffect, useMemo, useState } from "react";
import type { Catalog, Run } from "~/api/contract.ts";
import { readFlow } from "~/model/flow.ts";
import { nodeTypesOf } from "~/model/port.ts";
import type { Level } from "~/model/problem.ts";
import { useRunState } from "~/runs/state.ts";
import { Canvas } from "./Canvas.tsx";
import type { CanvasView } from "./view.ts";

interface RunCanvasProps {
  run: Run;
  catalog: Catalog;
  selected: string | null;
  /** The node that Tab stops at. */
  at: string | undefined;
  view: RefObject<CanvasView | null>;
  onSelect: (node: string | null) => void;
}

const noLevels: ReadonlyMap<string, Level> = new Map();

export function RunCanvas({ run, catalog, selected, at, view, onSelect }: RunCanvasProps) {
  const load = useRunState((state) => state.load);
  const [edges, setEdges] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => load(run), [load, run]);
  // What is said of the chosen node takes room from the canvas; the node stays in sight.
  useEffect(() => {
    if (selected === null) return;
    const timer = setTimeout(() => view.current?.keep(selected), 80);
    return () => clearTimeout(timer);
  }, [selected, view]);
  const flow = useMemo(() => readFlow(run.document), [run.document]);
  const types = useMemo(() => nodeTypesOf(catalog), [catalog]);
  const selection = useMemo(
    () => ({ nodes: new Set(selected === null ? [] : [selected]), edges }),
    [selected, edges],
  );
  return (
    <Canvas
      flow={flow}
      types={types}
      levels={noLevels}
      selection={selection}
      at={at}
      onSelect={(next) => {
        setEdges(next.edges);
        const chosen = [...next.nodes].find((id) => id !== selected);
        onSelect(chosen ?? (next.nodes.size > 0 ? selected : null));
      }}
      runId={run.id}
      readOnly
      view={view}
    />
  );
}

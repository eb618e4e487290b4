/** A run told on its own version of the flow: what has happened to each step, in its sentence. */
import { useEffect, useMemo } from "react";
import type { Catalog, Run } from "~/api/contract.ts";
import { readFlow } from "~/model/flow.ts";
import { nodeTypesOf } from "~/model/port.ts";
import { useRunState } from "~/runs/state.ts";
import type { Doors } from "./context.ts";
import { NoteList } from "./NoteList.tsx";
import { SentenceView } from "./SentenceView.tsx";
import { useTold } from "./told.ts";
import { focusRow } from "./walk.ts";

interface RunSentencesProps {
  run: Run;
  catalog: Catalog;
  selected: string | null;
  onSelect: (node: string | null) => void;
}

const nothing = () => {};

export function RunSentences({ run, catalog, selected, onSelect }: RunSentencesProps) {
  const load = useRunState((state) => state.load);
  useEffect(() => load(run), [load, run]);
  const flow = useMemo(() => readFlow(run.document), [run.document]);
  const types = useMemo(() => nodeTypesOf(catalog), [catalog]);
  const told = useTold(flow, types);
  const doors = useMemo(
    (): Doors => ({
      open: onSelect,
      press: onSelect,
      reach: nothing,
      openSlot: (slot) => onSelect(slot.node),
      go: (node) => focusRow(document, node),
      choose: (node) => onSelect(node),
      add: nothing,
      disconnect: nothing,
      menu: nothing,
    }),
    [onSelect],
  );
  return (
    <SentenceView
      flow={flow}
      types={types}
      told={told}
      chosen={new Set(selected === null ? [] : [selected])}
      runId={run.id}
      readOnly
      doors={doors}
      notes={<NoteList flow={flow} told={told} />}
    />
  );
}

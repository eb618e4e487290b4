/** The draft as sentences: adds, moves and removes steps, and opens their forms. */
import { useLingui } from "@lingui/react/macro";
import { type RefObject, useImperativeHandle, useMemo, useRef, useState } from "react";
import type { Here, Lost } from "~/model/clipboard.ts";
import type { FlowDocument } from "~/model/flow.ts";
import type { PlacedProblem } from "~/model/problem.ts";
import { type Spot, spotAfter } from "~/model/sentence/spot.ts";
import { useKnown } from "../data.ts";
import { firstToFill, useEditor, useEditorStore, useFlowDocument } from "../store.ts";
import { AddStep } from "./AddStep.tsx";
import { ChosenBar } from "./ChosenBar.tsx";
import { type Question, useStepCommands } from "./commands.ts";
import type { Doors, RowProblem } from "./context.ts";
import { useEdits } from "./edits.ts";
import { useFocusKept } from "./focus.ts";
import { NoteList } from "./NoteList.tsx";
import { useNews } from "./news.ts";
import { PlaceDialog } from "./PlaceDialog.tsx";
import { SentenceView } from "./SentenceView.tsx";
import { StartChoice } from "./StartChoice.tsx";
import { StepMenu } from "./StepMenu.tsx";
import { TextDialog } from "./TextDialog.tsx";
import { useTold } from "./told.ts";
import { focusRow } from "./walk.ts";

/** What the editor around it asks of the sentences. */
export interface Teller {
  /** Asks what to add behind the step that the keyboard is at, or how the flow starts. */
  ask: (where?: "start") => void;
  go: (node: string) => void;
  duplicate: () => void;
  /** Puts a part behind what is chosen, and returns what could not come along. */
  paste: (part: FlowDocument, here: Here) => Lost[];
}

function problemsOf(placed: readonly PlacedProblem[]): ReadonlyMap<string, RowProblem[]> {
  const rows = new Map<string, RowProblem[]>();
  for (const { node, problem, inside } of placed) {
    if (node === null) continue;
    const row: RowProblem = {
      level: problem.level,
      message: problem.message,
      pointer: inside,
    };
    rows.set(node, [...(rows.get(node) ?? []), row]);
  }
  return rows;
}

export function SentenceEditor({ teller }: { teller: RefObject<Teller | null> }) {
  const store = useEditorStore();
  const flow = useFlowDocument();
  const placed = useEditor((state) => state.problems);
  const selection = useEditor((state) => state.selection);
  const { types, readOnly } = useKnown();
  const told = useTold(flow, types);
  const latest = useRef(told);
  latest.current = told;
  const edits = useEdits(latest);
  const problems = useMemo(() => problemsOf(placed), [placed]);
  const [spot, setSpot] = useState<Spot | null>(null);
  const [menu, setMenu] = useState<{ node: string; anchor: HTMLElement } | null>(null);
  const [question, setQuestion] = useState<{ node: string; about: Question } | null>(null);
  /** Taps choose steps instead of opening them. */
  const [picking, setPicking] = useState(false);
  const picks = useRef(picking);
  picks.current = picking;
  const box = useRef<HTMLDivElement>(null);
  const { t } = useLingui();
  const news = useNews(told);
  useFocusKept(box, told);
  const ask = (node: string, about: Question) => setQuestion({ node, about });
  useStepCommands({
    box,
    edits,
    onAsk: ask,
    onAddBefore: (node) => setSpot({ kind: "before", node }),
  });

  const doors = useMemo((): Doors => {
    /** Everything from the nearest chosen step to this one. */
    const through = (chosen: ReadonlySet<string>, to: string): string[] => {
      const ids = [...latest.current.outline.steps.keys()];
      const end = ids.indexOf(to);
      const ends = ids.flatMap((id, index) => (chosen.has(id) ? [index] : []));
      const start = ends.reduce(
        (near, at) => (Math.abs(at - end) < Math.abs(near - end) ? at : near),
        ends[0] ?? end,
      );
      return ids.slice(Math.min(start, end), Math.max(start, end) + 1);
    };
    const go = (node: string) => focusRow(box.current, node);
    const doors: Doors = {
      open: (node, pointer) => store.getState().open(node, pointer),
      reach(node) {
        const { nodes } = store.getState().selection;
        if (!picks.current && nodes.size < 2 && !nodes.has(node)) doors.choose(node, "only");
      },
      press(node) {
        if (picks.current || store.getState().selection.nodes.size > 1) doors.choose(node, "also");
        else store.getState().open(node);
      },
      openSlot(slot) {
        if (picks.current) doors.choose(slot.node, "also");
        else if (slot.kind === "name") store.getState().open(slot.node);
        else store.getState().open(slot.node, slot.pointer);
      },
      go,
      choose(node, how) {
        const { selection: old, select, opened, close } = store.getState();
        const nodes = new Set(how === "only" ? [] : old.nodes);
        if (how === "through") for (const id of through(old.nodes, node)) nodes.add(id);
        if (how === "also" && nodes.has(node)) nodes.delete(node);
        else nodes.add(node);
        select({ nodes, edges: new Set() });
        if (opened !== null && opened !== node) close();
      },
      add: setSpot,
      disconnect: edits.disconnect,
      menu: (node, anchor) => setMenu({ node, anchor }),
    };
    return doors;
  }, [store, edits]);

  useImperativeHandle(teller, () => ({
    ask(where) {
      if (where === "start") return setSpot({ kind: "start" });
      const at = box.current?.querySelector<HTMLElement>('[data-step][tabindex="0"]');
      const id = at?.dataset.step;
      const after = id === undefined ? null : spotAfter(flow, types, id);
      setSpot(after ?? { kind: "start" });
    },
    go: doors.go,
    duplicate: () => edits.duplicate(edits.chosen()),
    paste(part, here) {
      const behind = edits.chosen().at(-1) ?? [...told.outline.steps.keys()].at(-1) ?? null;
      return edits.paste(part, here, behind);
    },
  }));

  const asked = question ? told.names.node(question.node) : undefined;
  const answered = () => {
    setQuestion(null);
    if (question) focusRow(box.current, question.node);
  };

  const add = (type: string, at: Spot) => {
    const id = edits.add(type, at);
    if (id === null) return;
    (document.activeElement as HTMLElement | null)?.blur();
    store.getState().open(id, firstToFill);
  };

  return (
    <div ref={box} style={{ height: "100%" }}>
      <SentenceView
        flow={flow}
        types={types}
        told={told}
        problems={problems}
        chosen={selection.nodes}
        readOnly={readOnly}
        doors={doors}
        news={news}
        foot={
          !readOnly && (picking || selection.nodes.size > 1) ? (
            <ChosenBar
              count={selection.nodes.size}
              edits={edits}
              onDone={() => {
                setPicking(false);
                edits.select([]);
              }}
            />
          ) : null
        }
        notes={<NoteList flow={flow} told={told} {...(!readOnly && { edits })} />}
        head={
          flow.nodes.length === 0 && !readOnly ? (
            <StartChoice
              onChoose={(type) => add(type, { kind: "start" })}
              onSearch={() => setSpot({ kind: "start" })}
            />
          ) : null
        }
      />
      <AddStep spot={spot} onClose={() => setSpot(null)} onChoose={add} />
      {menu && (
        <StepMenu
          {...menu}
          told={told}
          edits={edits}
          onAdd={setSpot}
          onAsk={ask}
          onPick={(node) => {
            setPicking(true);
            edits.select([node]);
          }}
          onClose={() => {
            setMenu(null);
            focusRow(box.current, menu.node);
          }}
        />
      )}
      {question &&
        asked &&
        (question.about === "label" || question.about === "note" ? (
          <TextDialog
            {...(question.about === "label"
              ? {
                  title: t`Rename`,
                  label: t`Name of the node`,
                  placeholder: types.get(asked.type)?.title ?? asked.type,
                  longest: 200,
                }
              : {
                  title: t`Note`,
                  description: t`For whoever looks at this flow next.`,
                  lines: true,
                })}
            value={asked[question.about] ?? ""}
            onSave={(text) => edits.setText(asked.id, question.about as "label" | "note", text)}
            onClose={answered}
          />
        ) : (
          <PlaceDialog
            id={question.node}
            aim={question.about}
            told={told}
            edits={edits}
            onClose={answered}
          />
        ))}
    </div>
  );
}

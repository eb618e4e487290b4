/** Two versions beside each other: what differs as a list, and on the canvas. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Modal, NativeSelect, SegmentedControl } from "@mantine/core";
import { type ReactNode, type RefObject, useMemo, useRef, useState } from "react";
import { useVersions } from "~/api/query.ts";
import { Canvas } from "~/canvas/Canvas.tsx";
import type { CanvasView } from "~/canvas/view.ts";
import { diffFlows, type FlowDiff } from "~/model/diff/diff.ts";
import { type FlowDocument, findNode } from "~/model/flow.ts";
import type { Level } from "~/model/problem.ts";
import { Failure } from "~/ui/Notice.tsx";
import { Waiting } from "../../Waiting.tsx";
import { useKnown } from "../data.ts";
import { useNarrow } from "../narrow.ts";
import { useFlowDocument } from "../store.ts";
import { ChangeList, DiffLine, KindMark } from "./ChangeList.tsx";
import { type Source, sourceOf, useSource } from "./source.ts";
import { useVersionTitle } from "./title.ts";
import classes from "./version.module.css";

interface CompareDialogProps {
  from: Source;
  to: Source;
  /** Unsaved work that can be compared too. */
  kept?: FlowDocument | null;
  /** What can be done with the two, below the list. */
  onRestore?: ((document: FlowDocument) => void) | undefined;
  onClose: () => void;
}

export function CompareDialog({ kept = null, onRestore, onClose, ...asked }: CompareDialogProps) {
  const { t } = useLingui();
  const { id } = useFlowDocument();
  const narrow = useNarrow();
  const [from, setFrom] = useState(asked.from);
  const [to, setTo] = useState(asked.to);
  const [look, setLook] = useState<"list" | "before" | "after">("list");
  const { items = [] } = useVersions(id);
  const titleOf = useVersionTitle();
  const before = useSource(from, kept);
  const after = useSource(to, kept);
  const error = before.error ?? after.error;
  const choices = [
    { value: "draft", label: t`The draft` },
    ...(kept ? [{ value: "kept", label: t`Your unsaved changes` }] : []),
    ...items.map((version) => ({ value: sourceOf(version), label: titleOf(version) })),
  ];
  const picker = (label: string, value: Source, choose: (source: Source) => void) => (
    <NativeSelect
      label={label}
      size="xs"
      data={choices}
      value={value}
      onChange={(event) => choose(event.currentTarget.value)}
    />
  );
  return (
    <Modal
      opened
      onClose={onClose}
      fullScreen
      title={<Trans>Compare versions</Trans>}
      classNames={{ body: classes.compareBody, content: classes.compareContent }}
      closeButtonProps={{ "aria-label": t`Close the comparison` }}
    >
      <div className={classes.compareHead}>
        {picker(t`Before`, from, setFrom)}
        {picker(t`After`, to, setTo)}
        {onRestore && from !== "draft" && before.document && (
          <Button
            size="xs"
            variant="default"
            className={classes.restore}
            onClick={() => before.document && onRestore(before.document)}
          >
            <Trans>Bring the first one back into the draft</Trans>
          </Button>
        )}
        {narrow && (
          <SegmentedControl
            size="xs"
            fullWidth
            className={classes.looks}
            value={look}
            onChange={(value) => setLook(value as typeof look)}
            data={[
              { value: "list", label: t`Changes` },
              { value: "before", label: t`Before` },
              { value: "after", label: t`After` },
            ]}
          />
        )}
      </div>
      {error && <Failure error={error} />}
      {before.document && after.document ? (
        <Compared
          key={`${from} ${to}`}
          before={before.document}
          after={after.document}
          look={narrow ? look : "all"}
        />
      ) : (
        !error && <Waiting />
      )}
    </Modal>
  );
}

interface ComparedProps {
  before: FlowDocument;
  after: FlowDocument;
  look: "list" | "before" | "after" | "all";
}

function Compared({ before, after, look }: ComparedProps) {
  const { t } = useLingui();
  const diff = useMemo(() => diffFlows(before, after), [before, after]);
  const [chosen, setChosen] = useState<string | null>(null);
  const [left, right] = [useRef<CanvasView>(null), useRef<CanvasView>(null)];
  const choose = (node: string) => {
    setChosen(node);
    if (findNode(before, node)) left.current?.reveal(node);
    if (findNode(after, node)) right.current?.reveal(node);
  };
  const shown = (side: ComparedProps["look"]) => look === "all" || look === side;
  return (
    <div className={classes.compared}>
      {shown("list") && (
        <section className={classes.list} aria-label={t`Changes`}>
          <p className={classes.sum} role="status">
            <DiffLine diff={diff} />
          </p>
          <ChangeList before={before} after={after} diff={diff} chosen={chosen} onChoose={choose} />
        </section>
      )}
      {shown("before") && (
        <Half
          title={t`Before`}
          flow={before}
          diff={diff}
          side="before"
          chosen={chosen}
          onChoose={choose}
          view={left}
        />
      )}
      {shown("after") && (
        <Half
          title={t`After`}
          flow={after}
          diff={diff}
          side="after"
          chosen={chosen}
          onChoose={choose}
          view={right}
        />
      )}
    </div>
  );
}

interface HalfProps {
  title: string;
  flow: FlowDocument;
  diff: FlowDiff;
  side: "before" | "after";
  chosen: string | null;
  onChoose: (node: string) => void;
  view: RefObject<CanvasView | null>;
}

const noLevels: ReadonlyMap<string, Level> = new Map();

function Half({ title, flow, diff, side, chosen, onChoose, view }: HalfProps) {
  const { types } = useKnown();
  const badges = useMemo(
    () =>
      new Map<string, ReactNode>(
        diff.nodes
          .filter((node) => node[side])
          .map(({ id, kind }) => [id, <KindMark key={id} kind={kind} />]),
      ),
    [diff, side],
  );
  const selection = useMemo(
    () => ({ nodes: new Set(chosen === null ? [] : [chosen]), edges: new Set<string>() }),
    [chosen],
  );
  return (
    <section className={classes.half} aria-label={title}>
      <h3>{title}</h3>
      <div className={classes.halfCanvas}>
        <Canvas
          flow={flow}
          types={types}
          levels={noLevels}
          selection={selection}
          onSelect={({ nodes }) => {
            const [first] = [...nodes].filter((id) => id !== chosen);
            if (first !== undefined) onChoose(first);
          }}
          badges={badges}
          readOnly
          whole
          view={view}
        />
      </div>
    </section>
  );
}

/** The changes from one version to another, as a list that anybody can read. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { VisuallyHidden } from "@mantine/core";
import { ArrowLeftRight, Minus, MoveUpRight, Pencil, Plus } from "lucide-react";
import { useMemo } from "react";
import { useConnections } from "~/api/query.ts";
import { countNodes, type FieldDiff, type FlowDiff, isSame, type Kind } from "~/model/diff/diff.ts";
import { type FlowDocument, type FlowNode, portOf } from "~/model/flow.ts";
import { namesOf } from "~/model/sentence/name.ts";
import { plainSentence, sayNode } from "~/model/sentence/sentence.ts";
import { wordsOf } from "~/model/sentence/words.ts";
import { nodeTitle } from "~/model/variable.ts";
import { useCalled } from "../called.ts";
import { useKnown } from "../data.ts";
import classes from "./version.module.css";
import { useDiffWords } from "./words.ts";

const icons = { added: Plus, removed: Minus, changed: Pencil, moved: MoveUpRight };

/** A colour, a sign and a word: which of them a reader sees does not matter. */
export function KindMark({ kind, bare = false }: { kind: Kind; bare?: boolean }) {
  const { kinds } = useDiffWords();
  const Icon = icons[kind];
  return (
    <span className={classes.kind} data-diff={bare ? undefined : kind} data-kind={kind}>
      <Icon size={12} aria-hidden />
      {kinds[kind]}
    </span>
  );
}

interface ChangeListProps {
  before: FlowDocument;
  after: FlowDocument;
  diff: FlowDiff;
  chosen?: string | null;
  onChoose?: (node: string) => void;
}

export function ChangeList({ before, after, diff, chosen = null, onChoose }: ChangeListProps) {
  const { types } = useKnown();
  const words = useDiffWords();
  const { items } = useConnections();
  const connections = useMemo(
    () => new Map((items ?? []).map(({ id, name }) => [id, name])),
    [items],
  );
  const sayBefore = useTeller(before);
  const sayAfter = useTeller(after);
  const both = useMemo(() => [...before.nodes, ...after.nodes], [before, after]);
  const called = useCalled(both, types);
  /** The names of ids that a field had or has. */
  const named = (nodes: (FlowNode | undefined)[], { path, before, after }: FieldDiff) => {
    const names = new Map(connections);
    for (const node of nodes) {
      for (const value of [before, after]) {
        const name = node && value !== undefined && called(node, path[1] ?? "", value);
        if (name && typeof value === "string") names.set(value, name);
      }
    }
    return names;
  };
  if (isSame(diff)) {
    return (
      <p className={classes.quiet}>
        <Trans>There is no difference.</Trans>
      </p>
    );
  }
  const titleOf = (id: string) =>
    nodeTitle(after.nodes.some((node) => node.id === id) ? after : before, types, id);
  const logic = diff.nodes.filter(({ kind }) => kind !== "moved");
  const moved = diff.nodes.filter(({ kind }) => kind === "moved");
  return (
    <ul className={classes.changes}>
      {diff.fields.length > 0 && (
        <li className={classes.change}>
          <div className={classes.changeHead}>
            <KindMark kind="changed" bare />
            <Trans>The flow itself</Trans>
          </div>
          {diff.fields.map((field) => (
            <FieldChange
              key={field.path.join("/")}
              name={words.fieldOfFlow(field.path)}
              field={field}
            />
          ))}
        </li>
      )}
      {logic.map(({ id, kind, before: was, after: is, fields }) => (
        <li
          key={`${kind} ${id}`}
          className={classes.change}
          data-chosen={chosen === id || undefined}
        >
          <button
            type="button"
            className={classes.changeHead}
            disabled={!onChoose}
            onClick={() => onChoose?.(id)}
          >
            <KindMark kind={kind} bare />
            <span className={classes.changeTitle}>{titleOf(id)}</span>
          </button>
          {kind !== "changed" && (
            <p className={classes.told}>{is ? sayAfter(is) : was ? sayBefore(was) : ""}</p>
          )}
          {fields.map((field) => (
            <FieldChange
              key={field.path.join("/")}
              name={words.fieldOfNode(field.path, types.get((is ?? was)?.type ?? ""))}
              field={field}
              connections={named([was, is], field)}
            />
          ))}
        </li>
      ))}
      {diff.edges.map(({ kind, edge }) => (
        <li key={`${kind} ${edge.from}:${portOf(edge)}>${edge.to}`} className={classes.change}>
          <div className={classes.changeHead}>
            <KindMark kind={kind} bare />
            <ArrowLeftRight size={13} className={classes.icon} aria-hidden />
            <span className={classes.changeTitle}>
              <Trans>
                Line from {titleOf(edge.from)} to {titleOf(edge.to)}
              </Trans>
            </span>
          </div>
        </li>
      ))}
      {moved.length > 0 && (
        <li className={classes.change}>
          <div className={classes.changeHead}>
            <KindMark kind="moved" bare />
            <span className={classes.changeTitle}>
              <Plural
                value={moved.length}
                one="# node stands elsewhere on the canvas"
                other="# nodes stand elsewhere on the canvas"
              />
            </span>
          </div>
        </li>
      )}
    </ul>
  );
}

/** Says a node of a flow in a sentence. */
function useTeller(flow: FlowDocument): (node: FlowNode) => string {
  const { i18n } = useLingui();
  const { types } = useKnown();
  const called = useCalled(flow.nodes, types);
  return useMemo(() => {
    const [names, words] = [namesOf(flow, types, called), wordsOf(i18n)];
    return (node) => plainSentence(sayNode(names, node, words));
  }, [flow, types, i18n, called]);
}

interface FieldChangeProps {
  name: string;
  field: FieldDiff;
  connections?: ReadonlyMap<string, string>;
}

function FieldChange({ name, field, connections }: FieldChangeProps) {
  const { t } = useLingui();
  const { valueText } = useDiffWords();
  return (
    <div className={classes.field}>
      <span className={classes.fieldName}>{name}</span>
      <del>
        <VisuallyHidden>{t`before:`} </VisuallyHidden>
        {valueText(field.before, connections)}
      </del>
      <ins>
        <VisuallyHidden>{t`after:`} </VisuallyHidden>
        {valueText(field.after, connections)}
      </ins>
    </div>
  );
}

/** "2 added, 1 changed": the difference in a line. */
export function DiffLine({ diff }: { diff: FlowDiff }) {
  const { added, removed, changed, moved } = countNodes(diff);
  const parts = [
    added > 0 && <Plural key="a" value={added} one="# added" other="# added" />,
    removed > 0 && <Plural key="r" value={removed} one="# removed" other="# removed" />,
    changed > 0 && <Plural key="c" value={changed} one="# changed" other="# changed" />,
    diff.edges.length > 0 && (
      <Plural key="e" value={diff.edges.length} one="# line" other="# lines" />
    ),
    diff.fields.length > 0 && (
      <Plural key="f" value={diff.fields.length} one="# setting" other="# settings" />
    ),
    moved > 0 && <Plural key="m" value={moved} one="# moved" other="# moved" />,
  ].filter((part) => part !== false);
  return (
    <>
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts stand in one order
        <span key={index}>
          {index > 0 && ", "}
          {part}
        </span>
      ))}
    </>
  );
}

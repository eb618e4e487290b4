import { Trans, useLingui } from "@lingui/react/macro";
import { ChevronRight, Plus } from "lucide-react";
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useMemo, useState } from "react";
import type { JsonSchema } from "~/api/contract.ts";
import type { Json } from "~/api/json.ts";
import classes from "./data.module.css";
import { RowDetail } from "./RowDetail.tsx";
import { openAtFirst, type PathPart, searchTree, type TreeRow, treeRows } from "./tree.ts";
import { KindWord, Value } from "./Value.tsx";
import { useWindow } from "./window.ts";

export interface DataTreeProps {
  /** Undefined where only the schema tells what there will be. */
  value: Json | undefined;
  schema?: JsonSchema | null;
  label: string;
  /** Shows only what holds this text. */
  query?: string;
  /** A path as formulas write it: what is copied and dragged. */
  writePath?: (path: PathPart[]) => string;
  /** Called with the path of a field that was chosen, where fields can be chosen. */
  onPick?: (path: PathPart[]) => void;
  /** What a dragged field is known by. */
  dragType?: string;
  /** The row that is marked until another one is chosen: what Enter in the search would take. */
  marked?: string | null;
  /** Leaves out the line about the chosen row. */
  brief?: boolean;
}

const ROW_PX = 27;

function parentOf(rows: TreeRow[], place: number): number {
  const depth = rows[place]?.depth ?? 0;
  return rows.slice(0, place).findLastIndex((other) => other.depth < depth);
}

/** A tree walked with the arrow keys, as the ARIA authoring practices describe it. */
export function DataTree(props: DataTreeProps) {
  const { value, schema = null, label, query = "", writePath, onPick } = props;
  const base = useId();
  const [open, setOpen] = useState<ReadonlySet<string>>(() => openAtFirst({ value, schema }));
  const [active, setActive] = useState<string | null>(null);
  const sought = useDeferredValue(query.trim());
  const search = useMemo(
    () => (sought ? searchTree({ value, schema }, sought) : null),
    [value, schema, sought],
  );
  const rows = useMemo(
    () => search?.rows ?? treeRows({ value, schema }, open),
    [search, value, schema, open],
  );
  const view = useWindow(rows.length, ROW_PX);
  const marked = active ?? props.marked;
  const chosen = rows.findIndex((row) => row.id === marked);
  const current = chosen < 0 ? 0 : chosen;

  useEffect(() => {
    if (chosen >= 0) view.show(chosen);
  }, [chosen, view.show]);

  const go = (place: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, place))];
    if (row) setActive(row.id);
  };
  const toggle = (row: TreeRow, wanted = !row.open) => {
    if (!row.size || search) return;
    const next = new Set(open);
    if (wanted) next.add(row.id);
    else next.delete(row.id);
    setOpen(next);
  };
  const act = (row: TreeRow, whole = false) => {
    setActive(row.id);
    if (row.size && !whole) toggle(row);
    else onPick?.(row.path);
  };
  const move = (event: KeyboardEvent, row: TreeRow): boolean => {
    const { key } = event;
    if (key === "ArrowDown") go(current + (chosen < 0 ? 0 : 1));
    else if (key === "ArrowUp") go(current - 1);
    else if (key === "PageDown") go(current + 15);
    else if (key === "PageUp") go(current - 15);
    else if (key === "Home") go(0);
    else if (key === "End") go(rows.length - 1);
    else if (key === "ArrowRight" && row.open) go(current + 1);
    else if (key === "ArrowRight") toggle(row, true);
    else if (key === "ArrowLeft" && row.open) toggle(row, false);
    else if (key === "ArrowLeft") go(parentOf(rows, current));
    else if (key === "Enter" || key === " ") act(row, event.shiftKey);
    else return false;
    return true;
  };
  const press = (event: KeyboardEvent) => {
    const row = rows[current];
    if (!row || event.ctrlKey || event.metaKey || event.altKey || !move(event, row)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  if (rows.length === 0) {
    return (
      <div className={classes.hollow}>
        {search ? (
          <Trans>Nothing here holds “{sought}”.</Trans>
        ) : value === undefined ? (
          <Trans>Its fields are known after the first run.</Trans>
        ) : (
          <Value value={value} />
        )}
      </div>
    );
  }
  const row = rows[current];
  return (
    <>
      <div
        className={classes.tree}
        role="tree"
        aria-label={label}
        tabIndex={0}
        aria-activedescendant={`${base}-${current}`}
        ref={view.box}
        onScroll={view.onScroll}
        onKeyDown={press}
      >
        <div role="none" style={{ height: view.before }} />
        {rows.slice(view.first, view.last).map((each, index) => (
          <Row
            key={each.id}
            id={`${base}-${view.first + index}`}
            row={each}
            active={each.id === marked}
            {...(writePath && props.dragType && { drag: [props.dragType, writePath(each.path)] })}
            onAct={onPick || each.size ? (whole) => act(each, whole) : null}
            pickable={onPick !== undefined}
          />
        ))}
        <div role="none" style={{ height: view.after }} />
      </div>
      {search && (
        <p className={classes.hits} role="status">
          {search.cut ? <Trans>The first {search.hits} places</Trans> : null}
        </p>
      )}
      {chosen >= 0 && row && !props.brief && (
        <RowDetail
          row={row}
          {...(writePath && { path: writePath(row.path) })}
          {...(onPick && { onPick: () => onPick(row.path) })}
        />
      )}
    </>
  );
}

interface RowProps {
  id: string;
  row: TreeRow;
  active: boolean;
  /** The kind of what is dragged, and what it carries. */
  drag?: [string, string];
  onAct: ((whole: boolean) => void) | null;
  pickable: boolean;
}

function Row({ id, row, active, drag, onAct, pickable }: RowProps) {
  const { t } = useLingui();
  const named = row.title.toLowerCase() !== row.name.replaceAll("_", " ").toLowerCase();
  const inList = typeof row.path.at(-1) === "number";
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree hears the keys for its rows.
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus, and says which row is meant.
    <div
      id={id}
      role="treeitem"
      aria-level={row.depth + 1}
      aria-posinset={row.place}
      aria-setsize={row.siblings}
      aria-expanded={row.size ? row.open : undefined}
      aria-selected={active}
      className={classes.node}
      data-depth={Math.min(row.depth, 8)}
      data-active={onAct ? true : undefined}
      data-chosen={active || undefined}
      draggable={drag !== undefined}
      onDragStart={(event) => {
        if (!drag) return;
        event.dataTransfer.setData(drag[0], drag[1]);
        event.dataTransfer.setData("text/plain", drag[1]);
        event.dataTransfer.effectAllowed = "copy";
      }}
      onClick={() => onAct?.(false)}
    >
      {row.size ? (
        <ChevronRight className={classes.chevron} data-open={row.open} size={14} aria-hidden />
      ) : (
        <span className={classes.chevron} />
      )}
      <span className={classes.field} data-place={inList || undefined} title={row.name}>
        {row.title} {named && !inList && <code className={classes.key}>{row.name}</code>}
      </span>
      <span className={classes.line}>
        {row.value === undefined ? <KindWord kind={row.kind} /> : <Value value={row.value} />}
      </span>
      {pickable && row.size ? (
        <button
          type="button"
          className={classes.pick}
          tabIndex={-1}
          onClick={(event) => {
            event.stopPropagation();
            onAct?.(true);
          }}
        >
          <Plus size={12} aria-hidden /> {row.kind === "list" ? t`Use the list` : t`Use all of it`}
        </button>
      ) : null}
    </div>
  );
}

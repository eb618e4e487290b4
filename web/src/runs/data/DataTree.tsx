import { Trans, useLingui } from "@lingui/react/macro";
import { ChevronRight } from "lucide-react";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import type { Json } from "~/api/json.ts";
import classes from "./data.module.css";
import {
  CHILDREN_AT_ONCE,
  openAtFirst,
  type PathPart,
  pathId,
  type TreeRow,
  treeRows,
} from "./tree.ts";
import { Value } from "./Value.tsx";

interface DataTreeProps {
  value: Json;
  label: string;
  onPick?: (path: PathPart[]) => void;
}

function parentOf(rows: TreeRow[], place: number): TreeRow | undefined {
  const depth = rows[place]?.depth ?? 0;
  return rows.slice(0, place).findLast((other) => other.depth < depth);
}

/** A tree walked with the arrow keys, as the ARIA authoring practices describe it. */
export function DataTree({ value, label, onPick }: DataTreeProps) {
  const { t } = useLingui();
  const [open, setOpen] = useState<ReadonlySet<string>>(() => openAtFirst(value));
  const [shown, setShown] = useState<ReadonlyMap<string, number>>(new Map());
  const [active, setActive] = useState<string | null>(null);
  const tree = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => treeRows(value, { open, shown }), [value, open, shown]);
  const current = rows.find((row) => row.id === active) ?? rows[0];

  const focus = (row: TreeRow | undefined) => {
    if (!row) return;
    setActive(row.id);
    const place = rows.indexOf(row);
    tree.current?.querySelectorAll<HTMLElement>('[role="treeitem"]')[place]?.focus();
  };
  const toggle = (row: TreeRow, wanted = !row.open) => {
    if (!row.size) return;
    const next = new Set(open);
    if (wanted) next.add(row.id);
    else next.delete(row.id);
    setOpen(next);
  };
  const showMore = (row: TreeRow) => {
    const id = pathId(row.path);
    setShown(new Map(shown).set(id, (shown.get(id) ?? CHILDREN_AT_ONCE) + CHILDREN_AT_ONCE));
  };
  const act = (row: TreeRow) => {
    if (row.more !== undefined) showMore(row);
    else if (row.size) toggle(row);
    else onPick?.(row.path);
  };

  const move = (key: string, row: TreeRow): boolean => {
    const place = rows.indexOf(row);
    if (key === "ArrowDown") focus(rows[place + 1]);
    else if (key === "ArrowUp") focus(rows[place - 1]);
    else if (key === "Home") focus(rows[0]);
    else if (key === "End") focus(rows.at(-1));
    else if (key === "ArrowRight" && row.open) focus(rows[place + 1]);
    else if (key === "ArrowRight") toggle(row, true);
    else if (key === "ArrowLeft" && row.open) toggle(row, false);
    else if (key === "ArrowLeft") focus(parentOf(rows, place));
    else if (key === "Enter" || key === " ") act(row);
    else return false;
    return true;
  };
  const press = (event: KeyboardEvent, row: TreeRow) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !move(event.key, row)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  if (rows.length === 0) {
    return (
      <div className={classes.hollow}>
        <Value value={value} />
      </div>
    );
  }
  return (
    <div className={classes.tree} role="tree" aria-label={label} ref={tree}>
      {rows.map((row) => (
        <div
          key={row.id}
          role="treeitem"
          aria-level={row.depth + 1}
          aria-posinset={row.place}
          aria-setsize={row.siblings}
          aria-expanded={row.size ? row.open : undefined}
          aria-selected={row.id === current?.id}
          tabIndex={row.id === current?.id ? 0 : -1}
          className={classes.node}
          data-depth={Math.min(row.depth, 8)}
          data-active={row.size || row.more !== undefined || onPick ? true : undefined}
          onClick={() => {
            setActive(row.id);
            act(row);
          }}
          onKeyDown={(event) => press(event, row)}
        >
          {row.more !== undefined ? (
            <span className={classes.more}>
              <Trans>Show more ({row.more} left)</Trans>
            </span>
          ) : (
            <>
              {row.size ? (
                <ChevronRight
                  className={classes.chevron}
                  data-open={row.open}
                  size={14}
                  aria-hidden
                />
              ) : (
                <span className={classes.chevron} />
              )}
              <span className={classes.field}>{row.name}</span>
              <Value value={row.value} />
              {onPick && row.size ? (
                <button
                  type="button"
                  className={classes.pick}
                  tabIndex={-1}
                  onClick={(event) => {
                    event.stopPropagation();
                    onPick(row.path);
                  }}
                >
                  {t`Use all of it`}
                </button>
              ) : null}
            </>
          )}
        </div>
      ))}
    </div>
  );
}

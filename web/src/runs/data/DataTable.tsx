import { Trans } from "@lingui/react/macro";
import { useMemo } from "react";
import { isObject, type Json, writeJson } from "~/api/json.ts";
import classes from "./data.module.css";
import { isContainer, kindOf, type PathPart } from "./tree.ts";
import { Value } from "./Value.tsx";
import { useWindow } from "./window.ts";

const ROW_PX = 30;
const HEAD_PX = 32;
const COLUMN_PX = 168;
const PLACE_PX = 56;

interface DataTableProps {
  rows: Json[];
  columns: string[];
  label: string;
  /** What people call a column. */
  titleOf?: (column: string) => string;
  query?: string;
  onPick?: (path: PathPart[]) => void;
}

/** A list of objects, a row for each: only the rows in sight are drawn. */
export function DataTable(props: DataTableProps) {
  const { rows, columns, label, query = "", onPick, titleOf = (column) => column } = props;
  const shown = useMemo(() => rowsWith(rows, query.trim().toLowerCase()), [rows, query]);
  const view = useWindow(shown.length, ROW_PX, HEAD_PX);
  if (shown.length === 0) {
    return (
      <div className={classes.hollow}>
        <Trans>Nothing here holds “{query.trim()}”.</Trans>
      </div>
    );
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: it scrolls, and has a name for that.
    <div
      className={classes.scroll}
      role="region"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls by keyboard too.
      tabIndex={0}
      aria-label={label}
      ref={view.box}
      onScroll={view.onScroll}
    >
      <table
        className={classes.table}
        aria-rowcount={rows.length + 1}
        style={{ width: PLACE_PX + columns.length * COLUMN_PX }}
      >
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col" className={classes.rowPlace}>
              #
            </th>
            {columns.map((column) => (
              <th key={column} scope="col" title={column}>
                {titleOf(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {view.before > 0 && (
            <tr aria-hidden>
              <td colSpan={columns.length + 1} style={{ height: view.before }} />
            </tr>
          )}
          {shown.slice(view.first, view.last).map((index) => {
            const row = rows[index];
            return (
              <tr key={index} aria-rowindex={index + 2}>
                <th scope="row" className={classes.rowPlace}>
                  {index + 1}
                </th>
                {columns.map((column) => (
                  <Cell
                    key={column}
                    value={isObject(row) ? row[column] : undefined}
                    {...(onPick && { onPick: () => onPick([index, column]) })}
                  />
                ))}
              </tr>
            );
          })}
          {view.after > 0 && (
            <tr aria-hidden>
              <td colSpan={columns.length + 1} style={{ height: view.after }} />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ value, onPick }: { value: Json | undefined; onPick?: () => void }) {
  if (value === undefined) return <td />;
  const title = isContainer(value) ? undefined : String(value);
  return (
    <td data-kind={kindOf(value)} title={title}>
      {onPick ? (
        <button type="button" className={classes.cell} onClick={onPick}>
          <Value value={value} />
        </button>
      ) : (
        <Value value={value} />
      )}
    </td>
  );
}

/** The places of the rows that hold a text. */
function rowsWith(rows: Json[], wanted: string): number[] {
  const places = rows.map((_, index) => index);
  return wanted
    ? places.filter((place) => writeJson(rows[place]).toLowerCase().includes(wanted))
    : places;
}

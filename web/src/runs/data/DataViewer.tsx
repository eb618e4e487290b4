/** Data as a tree, a table, or raw JSON: every number exactly as it came, text as text. */
import { useLingui } from "@lingui/react/macro";
import { NativeSelect, SegmentedControl, TextInput } from "@mantine/core";
import { Search } from "lucide-react";
import { useMemo, useState } from "react";
import type { JsonSchema } from "~/api/contract.ts";
import { isObject, type Json, writeJson } from "~/api/json.ts";
import { resolveSchema, titleOf } from "~/model/schema.ts";
import { CopyButton } from "~/ui/CopyText.tsx";
import { DataTable } from "./DataTable.tsx";
import { DataTree } from "./DataTree.tsx";
import classes from "./data.module.css";
import { RawJson } from "./RawJson.tsx";
import { Size } from "./Size.tsx";
import { type FoundTable, isContainer, type PathPart, tablesIn, weigh } from "./tree.ts";
import { Value } from "./Value.tsx";

type View = "tree" | "table" | "json";

/** Less than this is found at a glance. */
const SEARCHED_FROM = 240;

export interface DataViewerProps {
  /** Undefined where only the schema tells what there will be. */
  value: Json | undefined;
  schema?: JsonSchema | null;
  /** What the data is, for screen readers: "Output of Check stock". */
  label: string;
  writePath?: (path: PathPart[]) => string;
  /** Called with the path of a field that was chosen, where fields can be chosen. */
  onPick?: (path: PathPart[]) => void;
  dragType?: string;
}

export function DataViewer(props: DataViewerProps) {
  const { value, label } = props;
  const { t } = useLingui();
  const [chosen, setChosen] = useState<View>("tree");
  const [query, setQuery] = useState("");
  const tables = useMemo(() => tablesIn(value), [value]);
  const large = useMemo(() => weigh(value) >= SEARCHED_FROM, [value]);
  const view = value === undefined || (chosen === "table" && tables.length === 0) ? "tree" : chosen;
  const text = useMemo(() => (view === "json" ? writeJson(value, 2) : ""), [view, value]);

  if (value !== undefined && !isContainer(value)) {
    return (
      <div className={classes.single}>
        <Value value={value} whole />
        <CopyButton text={typeof value === "string" ? value : writeJson(value)} label={t`Copy`} />
      </div>
    );
  }
  return (
    <section className={classes.view} aria-label={label}>
      {value !== undefined && (
        <div className={classes.bar}>
          <SegmentedControl
            size="xs"
            aria-label={t`Show as`}
            value={view}
            onChange={(next) => setChosen(next as View)}
            data={[
              { value: "tree", label: t`Tree` },
              ...(tables.length > 0 ? [{ value: "table", label: t`Table` }] : []),
              { value: "json", label: "JSON" },
            ]}
          />
          <Size value={value} />
          <CopyButton text={() => writeJson(value, 2)} label={t`Copy as JSON`} />
        </div>
      )}
      {large && (
        <TextInput
          className={classes.search ?? ""}
          size="xs"
          type="search"
          aria-label={t`Search in ${label}`}
          placeholder={t`Search names and values`}
          leftSection={<Search size={13} />}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
      )}
      {view === "tree" && <DataTree {...props} query={query} />}
      {view === "table" && <Tables {...props} tables={tables} query={query} />}
      {view === "json" && <RawJson text={text} label={label} query={query} />}
    </section>
  );
}

type TablesProps = DataViewerProps & { tables: FoundTable[]; query: string };

/** The lists of objects that the data holds, one at a time. */
function Tables({ tables, label, schema = null, query, onPick }: TablesProps) {
  const { t } = useLingui();
  const [place, setPlace] = useState(0);
  const table = tables[place] ?? tables[0];
  if (!table) return null;
  const items = itemsAt(schema, table.path);
  const nameOf = ({ path }: FoundTable) =>
    path.length === 0 ? label : path.map(String).join(" › ");
  return (
    <>
      {tables.length > 1 && (
        <NativeSelect
          className={classes.search ?? ""}
          size="xs"
          aria-label={t`Which list`}
          value={String(tables.indexOf(table))}
          onChange={(event) => setPlace(Number(event.currentTarget.value))}
          data={tables.map((each, index) => ({
            value: String(index),
            label: `${nameOf(each)} (${each.rows.length})`,
          }))}
        />
      )}
      <DataTable
        key={place}
        rows={table.rows}
        columns={table.columns}
        label={nameOf(table)}
        query={query}
        titleOf={(column) => fieldTitle(items, schema, column)}
        {...(onPick && { onPick: (path: PathPart[]) => onPick([...table.path, ...path]) })}
      />
    </>
  );
}

/** The schema of the items of a list in the data. */
function itemsAt(schema: JsonSchema | null, path: PathPart[]): JsonSchema | null {
  let found = schema && resolveSchema(schema, schema);
  for (const part of path) {
    const fields: Json | undefined = isObject(found?.properties)
      ? found.properties[part]
      : undefined;
    found = isObject(fields) ? resolveSchema(fields, schema ?? {}) : null;
  }
  return isObject(found?.items) ? resolveSchema(found.items, schema ?? {}) : null;
}

function fieldTitle(items: JsonSchema | null, root: JsonSchema | null, column: string): string {
  const field = isObject(items?.properties) ? items.properties[column] : undefined;
  // Without a schema a column is called what the data calls it.
  return isObject(field) ? titleOf(column, resolveSchema(field, root ?? {})) : column;
}

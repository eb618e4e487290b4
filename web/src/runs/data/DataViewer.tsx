/** Run data as a tree, as raw JSON, or as a table: every number exactly as it came, text as text. */
import { useLingui } from "@lingui/react/macro";
import { SegmentedControl } from "@mantine/core";
import { useMemo, useState } from "react";
import { type Json, writeJson } from "~/api/json.ts";
import { CopyButton } from "~/ui/CopyText.tsx";
import { DataTable } from "./DataTable.tsx";
import { DataTree } from "./DataTree.tsx";
import classes from "./data.module.css";
import { RawJson } from "./RawJson.tsx";
import { isContainer, type PathPart, tableColumns } from "./tree.ts";
import { Value } from "./Value.tsx";

type View = "tree" | "table" | "json";

interface DataViewerProps {
  value: Json;
  /** What the data is, for screen readers: "Output of Check stock". */
  label: string;
  /** Called with the path of a field that was chosen, where fields can be chosen. */
  onPick?: (path: PathPart[]) => void;
}

export function DataViewer({ value, label, onPick }: DataViewerProps) {
  const { t } = useLingui();
  const [chosen, setChosen] = useState<View>("tree");
  const columns = useMemo(() => tableColumns(value), [value]);
  const text = useMemo(() => writeJson(value, 2), [value]);
  const view = chosen === "table" && !columns ? "tree" : chosen;

  if (!isContainer(value)) {
    return (
      <div className={classes.single}>
        <Value value={value} whole />
        <CopyButton text={typeof value === "string" ? value : text} label={t`Copy`} />
      </div>
    );
  }
  return (
    <section className={classes.view} aria-label={label}>
      <div className={classes.bar}>
        <SegmentedControl
          size="xs"
          aria-label={t`Show as`}
          value={view}
          onChange={(next) => setChosen(next as View)}
          data={[
            { value: "tree", label: t`Tree` },
            ...(columns ? [{ value: "table", label: t`Table` }] : []),
            { value: "json", label: "JSON" },
          ]}
        />
        <CopyButton text={text} label={t`Copy as JSON`} />
      </div>
      {view === "tree" && (
        <DataTree value={value} label={label} {...(onPick !== undefined && { onPick })} />
      )}
      {view === "table" && columns && (
        <DataTable rows={value as Json[]} columns={columns} label={label} />
      )}
      {view === "json" && <RawJson text={text} label={label} />}
    </section>
  );
}

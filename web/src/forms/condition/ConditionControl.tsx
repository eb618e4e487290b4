/** A condition as rows of words in groups: "Total · is more than · 500". */
import { useState } from "react";
import type { Json } from "~/api/json.ts";
import { type Group, readCondition, writeCondition } from "~/model/condition.ts";
import { sourceOf } from "~/model/formula.ts";
import { hintOf } from "~/model/schema.ts";
import type { ControlProps } from "../control/Control.tsx";
import { GroupRows } from "./GroupRows.tsx";
import { Verdict } from "./Verdict.tsx";

const empty: Group = { join: "and", parts: [{ subject: "", operator: "eq" }] };

function rowsOf(source: string): Group {
  const read = readCondition(source);
  return read && read.parts.length > 0 ? read : empty;
}

export function ConditionControl({ id, schema, value, onChange }: ControlProps) {
  const source = sourceOf(value as Json | undefined);
  // Rows that are not complete yet are here only; the document holds what can be reckoned.
  const [draft, setDraft] = useState({ source, rows: rowsOf(source) });
  if (draft.source !== source) setDraft({ source, rows: rowsOf(source) });
  const put = (rows: Group) => {
    const written = writeCondition(rows);
    setDraft({ source: written, rows });
    if (written !== source) onChange({ $expr: written });
  };
  return (
    <>
      <GroupRows id={id} group={draft.rows} depth={0} onChange={put} />
      <Verdict source={source} each={hintOf(schema).names !== undefined} />
    </>
  );
}

/** A formula: its editor, the data picker beside it, and what it gives with the last data. */
import { useLingui } from "@lingui/react/macro";
import { Skeleton } from "@mantine/core";
import { lazy, Suspense, useMemo, useRef } from "react";
import type { Problem } from "~/api/contract.ts";
import type { Json } from "~/api/json.ts";
import { completeAt } from "~/model/complete.ts";
import { sourceOf, type ValueKind } from "~/model/formula.ts";
import { useScope } from "../scope.ts";
import type { EditorControl } from "./FormulaEditor.tsx";
import classes from "./formula.module.css";
import { LiveValue } from "./LiveValue.tsx";
import { PickButton } from "./PickButton.tsx";

const load = () => import("./FormulaEditor.tsx");
const FormulaEditor = lazy(load);

/** Fetches the editor ahead, so that no key is lost when a text becomes a formula. */
export const preloadEditor = (): void => void load();

interface FormulaFieldProps {
  id: string;
  title: string;
  kind: ValueKind;
  value: Json | undefined;
  problems: Problem[];
  /** Takes the focus at once: a person has just turned the field into a formula. */
  eager: boolean;
  onChange: (value: Json) => void;
}

const slot = "{{ … }}";

export function FormulaField(props: FormulaFieldProps) {
  const { id, title, kind, value, problems, eager, onChange } = props;
  const { t } = useLingui();
  const { variables, filters, readOnly } = useScope();
  const editor = useRef<EditorControl>(null);
  const source = sourceOf(value);
  const text = kind === "text";
  const complete = useMemo(
    () => (typed: string, offset: number) => completeAt(typed, offset, kind, variables, filters),
    [kind, variables, filters],
  );
  return (
    <div className={classes.field} data-invalid={problems.length > 0 || undefined}>
      <div className={classes.line}>
        <Suspense fallback={<Skeleton height={36} radius="sm" className={classes.grow} />}>
          <FormulaEditor
            ref={editor}
            id={id}
            label={title}
            text={text}
            source={source}
            readOnly={readOnly}
            complete={complete}
            placeholder={text ? t`Text with ${slot} in it` : "order.total > 100"}
            eager={eager}
            onChange={(typed) => onChange(text ? { $text: typed } : { $expr: typed })}
          />
        </Suspense>
        {!readOnly && variables.length > 0 && (
          <PickButton onPick={(path) => editor.current?.insert(path)} />
        )}
      </div>
      <LiveValue template={value ?? null} source={source} problems={problems} />
    </div>
  );
}

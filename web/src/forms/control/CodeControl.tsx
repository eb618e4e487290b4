import { Skeleton } from "@mantine/core";
import { Suspense } from "react";
import { hintOf } from "~/model/schema.ts";
import { later } from "~/ui/later.ts";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";

const CodeEditor = later(() => import("./CodeEditor.tsx"));

/** Code, with its lines numbered and its words coloured. */
export function CodeControl({ id, title, schema, value, invalid, onChange }: ControlProps) {
  const { readOnly } = useScope();
  return (
    <Suspense fallback={<Skeleton height={120} radius="sm" />}>
      <CodeEditor
        id={id}
        label={title}
        language={hintOf(schema).language ?? ""}
        value={typeof value === "string" ? value : ""}
        readOnly={readOnly}
        invalid={invalid}
        onChange={(text) => onChange(text === "" ? undefined : text)}
      />
    </Suspense>
  );
}

import { useLingui } from "@lingui/react/macro";
import { TextInput } from "@mantine/core";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";

/** A name that edges can hold on to, made of what people type: "Órdenes VIP" is "Ordenes_VIP". */
export function portName(typed: string): string {
  return typed
    .normalize("NFD")
    .replace(/\p{Mark}/gu, "")
    .replace(/[^A-Za-z0-9_-]+/g, "_")
    .replace(/^[^A-Za-z]+/, "")
    .slice(0, 64);
}

export function PortControl({ id, value, invalid, onChange }: ControlProps) {
  const { t } = useLingui();
  const { readOnly } = useScope();
  return (
    <TextInput
      id={id}
      autoComplete="off"
      spellCheck={false}
      readOnly={readOnly}
      error={invalid}
      placeholder={t`such as ${"vip"}`}
      value={typeof value === "string" ? value : ""}
      onChange={(event) => onChange(portName(event.currentTarget.value))}
    />
  );
}

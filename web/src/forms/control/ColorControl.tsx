import { ColorInput } from "@mantine/core";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";

/** A colour by its hexadecimal name. */
export function ColorControl({ id, value, invalid, onChange }: ControlProps) {
  const { readOnly } = useScope();
  return (
    <ColorInput
      id={id}
      format="hex"
      placeholder="#1a7f67"
      readOnly={readOnly}
      error={invalid}
      value={typeof value === "string" ? value : ""}
      onChange={(color) => onChange(color || undefined)}
    />
  );
}

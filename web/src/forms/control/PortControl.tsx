import { useLingui } from "@lingui/react/macro";
import { TextInput } from "@mantine/core";
import { useContext } from "react";
import type { Json } from "~/api/json.ts";
import { expandPointer, readAt } from "~/model/pointer.ts";
import { freshWay, isUnnamedWay, wayTitle } from "~/model/port.ts";
import { useScope, ValueContext } from "../scope.ts";
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

/** The ways out that a form names, and which of them stands at a place. */
function useWays(pointer: string): { names: (Json | undefined)[]; at: number } {
  const { ownPorts } = useScope();
  const form = useContext(ValueContext);
  const pointers = ownPorts === null ? [] : expandPointer(form, ownPorts);
  return { names: pointers.map((it) => readAt(form, it)), at: pointers.indexOf(pointer) };
}

/** A way out's name; one that nobody has named is called by its turn, and needs none. */
export function PortControl({ id, pointer, value, invalid, siblings, onChange }: ControlProps) {
  const { t } = useLingui();
  const { readOnly } = useScope();
  const { names, at } = useWays(pointer);
  const unnamed = typeof value === "string" && isUnnamedWay(value);
  // Answers are shown to whoever is asked: they have no name but their own.
  const optional = Object.hasOwn(siblings, "when");
  return (
    <TextInput
      id={id}
      autoComplete="off"
      spellCheck={false}
      readOnly={readOnly}
      error={invalid}
      placeholder={unnamed ? wayTitle(value, at, names.length) : t`such as ${"vip"}`}
      value={typeof value === "string" && !unnamed ? value : ""}
      onChange={(event) => {
        const name = portName(event.currentTarget.value);
        onChange(name === "" && optional ? freshWay(names) : name);
      }}
    />
  );
}

/** What fields and differences are called, and how a value reads in a list of changes. */
import { useLingui } from "@lingui/react/macro";
import type { NodeType } from "~/api/contract.ts";
import { isObject, type Json, writeJson } from "~/api/json.ts";
import type { FieldDiff, Kind } from "~/model/diff/diff.ts";
import { fieldsOf, titleOf } from "~/model/schema.ts";

const longest = 400;

export function useDiffWords() {
  const { t } = useLingui();
  const kinds: Record<Kind, string> = {
    added: t`Added`,
    removed: t`Removed`,
    changed: t`Changed`,
    moved: t`Moved`,
  };
  const ofNode: Record<string, string> = {
    label: t`Name`,
    note: t`Note`,
    type: t`Kind of node`,
    v: t`Version of the node`,
    connection: t`Connection`,
    inside: t`Loop it stands in`,
    retry: t`Tries`,
    timeout_s: t`Time limit`,
    on_error: t`If it fails`,
    on_doubt: t`If nobody knows whether it happened`,
    once: t`Only once for each`,
    disabled: t`Switched off`,
  };
  const ofFlow: Record<string, string> = {
    name: t`Name of the flow`,
    language: t`Language`,
    timezone: t`Time zone`,
    keys: t`Business keys`,
    limits: t`Limits`,
    alerts: t`Alerts`,
    notes: t`Notes on the canvas`,
  };

  const deeper = (path: string[]) => path.map((part) => part.replaceAll("_", " "));

  return {
    kinds,
    /** "Text", "Channel › name": what people see above the field. */
    fieldOfNode(path: string[], type: NodeType | undefined): string {
      const [head = "", name, ...rest] = path;
      if (head !== "params") return [ofNode[head] ?? head, ...deeper(path.slice(1))].join(" › ");
      if (name === undefined) return t`Settings`;
      const schema = type?.params_schema ?? {};
      const field = fieldsOf(schema, schema).find((it) => it.name === name);
      return [titleOf(name, field?.schema ?? {}), ...deeper(rest)].join(" › ");
    },
    fieldOfFlow: (path: string[]): string =>
      [ofFlow[path[0] ?? ""] ?? path[0] ?? "", ...deeper(path.slice(1))].join(" › "),
    valueText(value: FieldDiff["before"], connections?: ReadonlyMap<string, string>): string {
      if (value === undefined || value === "") return t`nothing`;
      if (value === true) return t`yes`;
      if (value === false) return t`no`;
      return shortened(plain(value, connections));
    },
  };
}

function plain(value: Json, connections?: ReadonlyMap<string, string>): string {
  if (typeof value === "string") return connections?.get(value) ?? value;
  if (isObject(value)) {
    const [only, ...others] = Object.values(value);
    const [name = ""] = Object.keys(value);
    if (others.length === 0 && name.startsWith("$") && typeof only === "string") return only;
  }
  return writeJson(value);
}

const shortened = (text: string) => (text.length > longest ? `${text.slice(0, longest)}…` : text);

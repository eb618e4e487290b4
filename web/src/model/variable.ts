/** What a node's formulas can read: the outputs of its ancestors, as fields with titles and data. */
import { t } from "@lingui/core/macro";
import type { JsonSchema } from "~/api/contract";
import { isObject, type Json, type JsonObject } from "~/api/json";
import { type FlowDocument, findNode } from "./flow";
import { sourceOf } from "./formula";
import { readPath } from "./path";
import type { NodeTypes } from "./port";
import { ancestors, loopsAround } from "./reach";
import { resolveSchema, titleOf } from "./schema";
import { titleOfNode } from "./title";

export interface Variable {
  name: string;
  /** What people call it: the node's label or its type's title. */
  label: string;
  type: string | null;
  schema: JsonSchema | null;
  /** A real or exemplary output; undefined where none is known. */
  value: Json | undefined;
  source: "pin" | "run" | "example" | "schema";
}

export interface Member {
  key: string | number;
  title: string;
  schema: JsonSchema | null;
  value: Json | undefined;
}

/** Outputs of a run by node id. */
export type Samples = ReadonlyMap<string, Json>;

export function nodeTitle(flow: FlowDocument, types: NodeTypes, id: string): string {
  const node = findNode(flow, id);
  if (!node) return id;
  return titleOfNode(node, types.get(node.type));
}

/** The variables in reach of a node, nearest first, loop variables before everything. */
export function variablesFor(
  flow: FlowDocument,
  types: NodeTypes,
  id: string,
  samples: Samples,
  pins: Samples = new Map(),
): Variable[] {
  const known = { samples, pins };
  const found = ancestors(flow, id).map((name) => outputOf(flow, types, name, known));
  const loops = loopsAround(flow, id).flatMap((loop): Variable[] => {
    const items = readItems(sourceOf(loop.params?.items as Json | undefined), found);
    const named = loop.params?.as;
    const label = nodeTitle(flow, types, loop.id);
    const source = items ? items.source : "schema";
    return [
      {
        name: typeof named === "string" && named ? named : "item",
        label,
        type: null,
        schema: items?.schema ?? null,
        value: items?.value,
        source,
      },
      { name: "index", label, type: null, schema: { type: "integer" }, value: 0, source },
    ];
  });
  return [...loops, ...found];
}

/** What every formula can read beside the nodes before it. */
export function surroundings(
  flow: FlowDocument,
  vars: JsonObject,
  at: { now: string; run: { id: string; keys: JsonObject } },
): Variable[] {
  const run = { ...at.run, origin: at.run.id };
  const make = (name: string, label: string, value: Json, schema: JsonSchema | null = null) => ({
    name,
    label,
    type: null,
    schema,
    value,
    source: "run" as const,
  });
  return [
    make("now", t`Now`, at.now, { type: "string", format: "date-time" }),
    make("flow", t`This flow`, { id: flow.id, name: flow.name }),
    make("run", t`This run`, run, {
      properties: { id: { title: t`Run id` }, origin: { title: t`First run` } },
    }),
    make("vars", t`Variables`, vars),
  ];
}

/** What a node gives: its pin, the last run's output, the type's example, or the fields alone. */
export function outputOf(
  flow: FlowDocument,
  types: NodeTypes,
  name: string,
  { samples, pins }: { samples: Samples; pins: Samples },
): Variable {
  const type = types.get(findNode(flow, name)?.type ?? "");
  const known: [Variable["source"], Json | undefined][] = [
    ["pin", pins.get(name)],
    ["run", samples.get(name)],
    ["example", type?.output_example ?? undefined],
  ];
  const [source, value] = known.find(([, data]) => data !== undefined) ?? ["schema", undefined];
  return {
    name,
    label: nodeTitle(flow, types, name),
    type: type?.type ?? null,
    schema: type?.output_schema ?? null,
    value,
    source: source as Variable["source"],
  };
}

/** The schema and the first value of the items that a plain path leads to. */
export function readItems(
  expression: string,
  variables: Variable[],
): { schema: JsonSchema | null; value: Json | undefined; source: Variable["source"] } | null {
  const path = readPath(expression);
  const variable = path && variables.find((it) => it.name === path.root);
  if (!variable) return null;
  let place: Place = variable;
  for (const part of path.steps) place = memberOf(place, part, variable.schema);
  const value = Array.isArray(place.value) ? place.value[0] : undefined;
  const items = place.schema?.items;
  const schema = isObject(items) ? resolveSchema(items, variable.schema ?? {}) : null;
  return { schema, value, source: variable.source };
}

interface Place {
  schema: JsonSchema | null;
  value: Json | undefined;
}

function memberOf(place: Place, key: string | number, root: JsonSchema | null): Place {
  const schema = place.schema && resolveSchema(place.schema, root ?? {});
  const value = Array.isArray(place.value)
    ? place.value.at(Number(key))
    : isObject(place.value)
      ? place.value[String(key)]
      : undefined;
  const described =
    typeof key === "number"
      ? schema?.items
      : isObject(schema?.properties)
        ? schema.properties[key]
        : undefined;
  return { schema: isObject(described) ? resolveSchema(described, root ?? {}) : null, value };
}

/** What is known of a place of a variable: its title, its schema, the data there. */
export function placeAt(variable: Variable, path: readonly (string | number)[]): Member {
  let place: Place = { schema: variable.schema, value: variable.value };
  for (const part of path) place = memberOf(place, part, variable.schema);
  const key = path.at(-1) ?? variable.name;
  const title = path.length === 0 ? variable.label : titleOf(String(key), place.schema ?? {});
  return { key, title, ...place };
}

/** The fields at a place of a variable: those of its schema first, then what the data has more. */
export function membersOf(variable: Variable, path: (string | number)[]): Member[] {
  const place = placeAt(variable, path);
  const schema = place.schema && resolveSchema(place.schema, variable.schema ?? {});
  if (Array.isArray(place.value) || schema?.items) {
    const items = Array.isArray(place.value) ? place.value : [undefined];
    return items.map((_, index) => ({
      key: index,
      title: String(index),
      ...memberOf(place, index, variable.schema),
    }));
  }
  const properties: JsonObject = isObject(schema?.properties) ? schema.properties : {};
  const names = new Set([
    ...Object.keys(properties),
    ...(isObject(place.value) ? Object.keys(place.value) : []),
  ]);
  return [...names].map((key) => {
    const member = memberOf(place, key, variable.schema);
    return { key, title: titleOf(key, member.schema ?? {}), ...member };
  });
}

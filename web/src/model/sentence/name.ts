/** What the formulas of a flow read, by the names that people know. */
import { isObject, type Json } from "~/api/json";
import type { FlowDocument, FlowNode } from "../flow";
import { sourceOf } from "../formula";
import { labelOf } from "../label";
import { pathsIn, readPath } from "../path";
import type { NodeTypes } from "../port";
import { resolveSchema } from "../schema";
import { titleOfNode } from "../title";
import { placeAt, type Variable } from "../variable";

/** What a value of a node's field is called; nothing where it is its own name. */
export type Called = (node: FlowNode, field: string, value: Json) => string | undefined;

const byItself: Called = () => undefined;

/** The nodes and variables of one flow; made once for all of its sentences. */
export interface Names {
  types: NodeTypes;
  node: (id: string) => FlowNode | undefined;
  title: (id: string) => string;
  called: Called;
  /** An expression at a node, its paths by their labels: "Order › Total"; `own` names are nearer. */
  label: (source: string, at: string, own?: readonly Variable[]) => string;
  /** What stands for each item of a list that a node names. */
  item: (name: string, items: Json | undefined, at: string) => Variable;
}

export function namesOf(flow: FlowDocument, types: NodeTypes, called: Called = byItself): Names {
  const nodes = new Map(flow.nodes.map((node) => [node.id, node]));
  const outputs = new Map<string, Variable>();
  const title = (id: string): string => {
    const node = nodes.get(id);
    return node ? titleOfNode(node, types.get(node.type)) : id;
  };
  const output = (id: string): Variable | undefined => {
    const type = types.get(nodes.get(id)?.type ?? "");
    if (!outputs.has(id) && nodes.has(id)) {
      const schema = type?.output_schema ?? null;
      const value = type?.output_example ?? undefined;
      outputs.set(id, { name: id, label: title(id), type: null, schema, value, source: "schema" });
    }
    return outputs.get(id);
  };
  const item = (name: string, items: Json | undefined, at: string): Variable => {
    const path = readPath(sourceOf(items));
    const root = path ? variable(path.root, at) : undefined;
    const place = path && root ? placeAt(root, path.steps) : undefined;
    const inner = place?.schema?.items;
    return {
      name,
      label: plainTitle(name),
      type: null,
      schema: isObject(inner) ? { ...resolveSchema(inner, root?.schema ?? {}) } : null,
      value: Array.isArray(place?.value) ? place.value[0] : undefined,
      source: "schema",
    };
  };
  const variable = (name: string, at: string): Variable | undefined => {
    const seen = new Set<string>();
    for (let node = nodes.get(at); node?.inside !== undefined && !seen.has(node.id); ) {
      seen.add(node.id);
      const loop = nodes.get(node.inside);
      if (loop && itemName(loop) === name) return item(name, loop.params?.items, loop.id);
      node = loop;
    }
    return output(name);
  };
  return {
    types,
    node: (id) => nodes.get(id),
    title,
    called,
    item,
    label(source, at, own = []) {
      const roots = new Set(pathsIn(source).map((path) => path.root));
      const reach = [...roots].flatMap((root) => variable(root, at) ?? []);
      return labelOf(source, [...own, ...reach]);
    },
  };
}

/** What the nodes inside a loop call the item they are at. */
export function itemName(loop: FlowNode): string {
  const named = loop.params?.as;
  return typeof named === "string" && named ? named : "item";
}

function plainTitle(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

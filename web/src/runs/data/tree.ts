/** The rows of a JSON tree as they are seen: what is open, in what order, how deep. */
import type { JsonSchema } from "~/api/contract.ts";
import { isLosslessNumber, isObject, type Json } from "~/api/json.ts";
import { resolveSchema, titleOf } from "~/model/schema.ts";

export type PathPart = string | number;

export type ValueKind = "text" | "number" | "boolean" | "null" | "list" | "object" | "unknown";

export interface TreeRow {
  /** The path as text, unique in the tree. */
  id: string;
  path: PathPart[];
  name: string;
  /** What people call the field, where its schema says so. */
  title: string;
  /** Undefined where only the schema tells of the field. */
  value: Json | undefined;
  kind: ValueKind;
  depth: number;
  /** How many children there are; null where the value cannot have any. */
  size: number | null;
  open: boolean;
  /** The place among its siblings, from 1. */
  place: number;
  siblings: number;
}

export const pathId = (path: readonly PathPart[]): string => JSON.stringify(path);

interface Place {
  value: Json | undefined;
  schema: JsonSchema | null;
}

interface Child extends Place {
  name: PathPart;
  title: string;
}

const inside = (schema: Json | undefined, root: JsonSchema | null): JsonSchema | null =>
  isObject(schema) ? resolveSchema(schema, root ?? {}) : null;

/** Children in the order of the schema, then what the data has more; null where there can be none. */
function childrenOf({ value, schema }: Place, root: JsonSchema | null): Child[] | null {
  if (Array.isArray(value)) {
    const items = inside(schema?.items, root);
    return value.map((child, index) => ({
      name: index,
      title: String(index + 1),
      value: child,
      schema: items,
    }));
  }
  if (value === undefined && isObject(schema?.items)) {
    return [{ name: 0, title: "1", value: undefined, schema: inside(schema.items, root) }];
  }
  if (value !== undefined && !isObject(value)) return null;
  const fields = isObject(schema?.properties) ? schema.properties : {};
  const names = new Set(Object.keys(fields));
  if (value !== undefined) for (const name of Object.keys(value)) names.add(name);
  if (value === undefined && names.size === 0) return null;
  return [...names]
    .filter((name) => value === undefined || Object.hasOwn(value, name))
    .map((name) => {
      const field = inside(fields[name], root);
      return { name, title: titleOf(name, field ?? {}), value: value?.[name], schema: field };
    });
}

export function isContainer(value: Json): boolean {
  return Array.isArray(value) || isObject(value);
}

export function sizeOf(value: Json): number | null {
  if (Array.isArray(value)) return value.length;
  return isObject(value) ? Object.keys(value).length : null;
}

const sizeAt = (place: Place, root: JsonSchema | null): number | null =>
  place.value === undefined ? (childrenOf(place, root)?.length ?? null) : sizeOf(place.value);

export interface Shape {
  value: Json | undefined;
  /** What is known of the fields; it may refer to its own definitions. */
  schema?: JsonSchema | null;
}

function startOf({ value, schema = null }: Shape): Place {
  return { value, schema: schema && resolveSchema(schema, schema) };
}

export function treeRows(shape: Shape, open: ReadonlySet<string>): TreeRow[] {
  const root = shape.schema ?? null;
  const rows: TreeRow[] = [];
  function visit(place: Place, path: PathPart[]): void {
    const children = childrenOf(place, root) ?? [];
    for (const [index, child] of children.entries()) {
      const row = rowOf(child, path, index, children.length, open, root);
      rows.push(row);
      if (row.open) visit(child, row.path);
    }
  }
  visit(startOf(shape), []);
  return rows;
}

function rowOf(
  child: Child,
  path: PathPart[],
  index: number,
  siblings: number,
  open: ReadonlySet<string>,
  root: JsonSchema | null,
): TreeRow {
  const own = [...path, child.name];
  const id = pathId(own);
  const size = sizeAt(child, root);
  return {
    id,
    path: own,
    name: String(child.name),
    title: child.title,
    value: child.value,
    kind: child.value === undefined ? kindBySchema(child.schema) : kindOf(child.value),
    depth: path.length,
    size,
    open: size !== null && size > 0 && open.has(id),
    place: index + 1,
    siblings,
  };
}

/** What is open at first: the outer levels, as long as they stay small enough to read. */
export function openAtFirst(shape: Shape, budget = 24): Set<string> {
  const root = shape.schema ?? null;
  const open = new Set<string>();
  const first = childrenOf(startOf(shape), root) ?? [];
  let rows = first.length;
  let level = first.map((child) => ({ path: [child.name], child }));
  while (level.length > 0 && level.length <= 200) {
    const next: typeof level = [];
    for (const { path, child } of level) {
      const children = childrenOf(child, root);
      if (!children || children.length === 0 || rows + children.length > budget) continue;
      rows += children.length;
      open.add(pathId(path));
      for (const inner of children) next.push({ path: [...path, inner.name], child: inner });
    }
    level = next;
  }
  return open;
}

/** So many places that fit a search are shown; nobody reads more. */
export const HITS_AT_MOST = 500;

export interface Search {
  rows: TreeRow[];
  hits: number;
  /** Whether there are more than are shown. */
  cut: boolean;
}

/** The rows whose name, title or value holds a text, each under the rows that lead to it. */
export function searchTree(shape: Shape, query: string): Search {
  const root = shape.schema ?? null;
  const wanted = plain(query.trim());
  const rows: TreeRow[] = [];
  let hits = 0;
  const everything = { has: () => true } as unknown as ReadonlySet<string>;
  function visit(place: Place, path: PathPart[]): boolean {
    let found = false;
    const children = childrenOf(place, root) ?? [];
    for (const [index, child] of children.entries()) {
      if (hits >= HITS_AT_MOST) return found;
      const at = rows.length;
      const row = rowOf(child, path, index, children.length, everything, root);
      rows.push(row);
      const hit = fits(row, wanted);
      if (hit) hits += 1;
      const deeper = visit(child, row.path);
      if (!hit && !deeper) rows.length = at;
      else found = true;
      row.open = deeper;
    }
    return found;
  }
  visit(startOf(shape), []);
  return { rows, hits, cut: hits >= HITS_AT_MOST };
}

export interface Guess {
  row: TreeRow;
  /** How far from the words that were sought: 0 is named so, 3 only holds them. */
  distance: number;
}

/** The field that a search means most likely, of the rows that it found; the outer ones first. */
export function guessField(rows: readonly TreeRow[], query: string): Guess | null {
  const wanted = plain(query.trim());
  let best: Guess | null = null;
  for (const row of rows) {
    if (!fits(row, wanted)) continue;
    const names = [plain(row.title), plain(row.name)];
    const distance = names.includes(wanted)
      ? 0
      : names.some((name) => name.startsWith(wanted))
        ? 1
        : names.some((name) => name.includes(wanted))
          ? 2
          : 3;
    const nearer =
      !best ||
      distance < best.distance ||
      (distance === best.distance && row.depth < best.row.depth);
    if (nearer) best = { row, distance };
  }
  return best;
}

const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function fits(row: TreeRow, wanted: string): boolean {
  if (plain(row.name).includes(wanted) || plain(row.title).includes(wanted)) return true;
  if (row.value === undefined || isContainer(row.value)) return false;
  return plain(String(row.value)).includes(wanted);
}

export function kindOf(value: Json): ValueKind {
  if (value === null) return "null";
  if (typeof value === "string") return "text";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number" || isLosslessNumber(value)) return "number";
  return Array.isArray(value) ? "list" : "object";
}

function kindBySchema(schema: JsonSchema | null): ValueKind {
  if (!schema) return "unknown";
  if (schema.format === "decimal") return "number";
  const kinds: Record<string, ValueKind> = {
    string: "text",
    integer: "number",
    number: "number",
    boolean: "boolean",
    array: "list",
    object: "object",
  };
  return kinds[String(schema.type)] ?? "unknown";
}

/** The columns of a list of objects, or null where the value is no such list. */
export function tableColumns(value: Json | undefined): string[] | null {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isObject)) return null;
  const columns = new Set<string>();
  for (const row of value) for (const name of Object.keys(row)) columns.add(name);
  return [...columns];
}

export interface FoundTable {
  path: PathPart[];
  rows: Json[];
  columns: string[];
}

/** The lists of objects in a value, the outermost first: what can be shown as a table. */
export function tablesIn(root: Json | undefined, atMost = 12): FoundTable[] {
  const found: FoundTable[] = [];
  let level: { path: PathPart[]; value: Json }[] =
    root === undefined ? [] : [{ path: [], value: root }];
  while (level.length > 0 && found.length < atMost) {
    const next: typeof level = [];
    for (const { path, value } of level) {
      const columns = tableColumns(value);
      if (columns) found.push({ path, rows: value as Json[], columns });
      else if (isObject(value) && path.length < 4) {
        for (const [name, child] of Object.entries(value)) {
          next.push({ path: [...path, name], value: child });
        }
      }
    }
    level = next;
  }
  return found;
}

/** About how many characters a value takes as JSON, counted without writing it. */
export function weigh(value: Json | undefined): number {
  if (value === undefined) return 0;
  if (typeof value === "string") return value.length + 2;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + weigh(item) + 1, 2);
  if (isObject(value)) {
    return Object.entries(value).reduce(
      (sum, [name, item]) => sum + name.length + 4 + weigh(item),
      2,
    );
  }
  return String(value).length;
}

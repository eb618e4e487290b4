/** The rows of a JSON tree as they are seen: what is open, in what order, how deep. */
import { isLosslessNumber, isObject, type Json } from "~/api/json.ts";

export type PathPart = string | number;

export interface TreeRow {
  /** The path as text, unique in the tree. */
  id: string;
  path: PathPart[];
  name: string;
  value: Json;
  depth: number;
  /** How many children there are; null where the value cannot have any. */
  size: number | null;
  open: boolean;
  /** The place among its siblings, from 1. */
  place: number;
  siblings: number;
  /** Set on the row that stands for children not shown yet. */
  more?: number;
}

/** So many children of one list or object are shown before "show more". */
export const CHILDREN_AT_ONCE = 100;

export const pathId = (path: readonly PathPart[]): string => JSON.stringify(path);

function childrenOf(value: Json): [PathPart, Json][] | null {
  if (Array.isArray(value)) return value.map((child, index) => [index, child]);
  if (isObject(value)) return Object.entries(value);
  return null;
}

export function isContainer(value: Json): boolean {
  return Array.isArray(value) || isObject(value);
}

export function sizeOf(value: Json): number | null {
  if (Array.isArray(value)) return value.length;
  return isObject(value) ? Object.keys(value).length : null;
}

interface Shown {
  open: ReadonlySet<string>;
  /** How many children are shown, where it is more than the usual number. */
  shown: ReadonlyMap<string, number>;
}

export function treeRows(root: Json, { open, shown }: Shown): TreeRow[] {
  const rows: TreeRow[] = [];
  function visit(value: Json, path: PathPart[]): void {
    const children = childrenOf(value);
    if (!children) return;
    const limit = shown.get(pathId(path)) ?? CHILDREN_AT_ONCE;
    for (const [index, [name, child]] of children.slice(0, limit).entries()) {
      const childPath = [...path, name];
      const id = pathId(childPath);
      const size = sizeOf(child);
      rows.push({
        id,
        path: childPath,
        name: String(name),
        value: child,
        depth: path.length,
        size,
        open: size !== null && size > 0 && open.has(id),
        place: index + 1,
        siblings: children.length,
      });
      if (open.has(id)) visit(child, childPath);
    }
    if (children.length > limit) {
      rows.push({
        id: `${pathId(path)} more`,
        path,
        name: "",
        value: null,
        depth: path.length,
        size: null,
        open: false,
        place: limit + 1,
        siblings: children.length,
        more: children.length - limit,
      });
    }
  }
  visit(root, []);
  return rows;
}

/** What is open at first: the outer levels, as long as they stay small enough to read. */
export function openAtFirst(root: Json, budget = 24): Set<string> {
  const open = new Set<string>();
  let rows = sizeOf(root) ?? 0;
  let level: [PathPart[], Json][] = (childrenOf(root) ?? []).map(([name, child]) => [
    [name],
    child,
  ]);
  while (level.length > 0) {
    const next: [PathPart[], Json][] = [];
    for (const [path, value] of level) {
      const children = childrenOf(value);
      if (!children || children.length === 0 || rows + children.length > budget) continue;
      rows += children.length;
      open.add(pathId(path));
      for (const [name, child] of children) next.push([[...path, name], child]);
    }
    level = next;
  }
  return open;
}

export type ValueKind = "text" | "number" | "boolean" | "null" | "list" | "object";

export function kindOf(value: Json): ValueKind {
  if (value === null) return "null";
  if (typeof value === "string") return "text";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number" || isLosslessNumber(value)) return "number";
  return Array.isArray(value) ? "list" : "object";
}

/** The columns of a list of objects, or null where the value is no such list. */
export function tableColumns(value: Json): string[] | null {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isObject)) return null;
  const columns = new Set<string>();
  for (const row of value) for (const name of Object.keys(row)) columns.add(name);
  return [...columns];
}

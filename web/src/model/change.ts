/**
 * What differs between two documents, as data that can be applied forwards and backwards.
 *
 * Documents share structure, so that comparing costs what was touched. Where an object's members
 * or a list's length differ, the whole of it is one change: that keeps the order of members, so
 * that going back gives the same bytes.
 */
import { isObject, type Json, sameJson } from "~/api/json";

export interface Change {
  path: (string | number)[];
  before: Json | undefined;
  after: Json | undefined;
}

export function compare(before: unknown, after: unknown): Change[] {
  const changes: Change[] = [];
  collect(before as Json, after as Json, [], changes);
  return changes;
}

function collect(before: Json, after: Json, path: Change["path"], changes: Change[]): void {
  if (before === after) return;
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    before.forEach((item, index) => {
      collect(item, after[index] as Json, [...path, index], changes);
    });
  } else if (isObject(before) && isObject(after) && sameMembers(before, after)) {
    for (const name of Object.keys(before)) {
      collect(before[name] as Json, after[name] as Json, [...path, name], changes);
    }
  } else if (!sameJson(before, after)) {
    changes.push({ path, before, after });
  }
}

function sameMembers(left: object, right: object): boolean {
  const [names, others] = [Object.keys(left), Object.keys(right)];
  return names.length === others.length && names.every((name, index) => name === others[index]);
}

export function applyChanges<Document>(document: Document, changes: Change[]): Document {
  return changes.reduce<unknown>(
    (value, change) => place(value, change.path, change.after),
    document,
  ) as Document;
}

export function undoChanges<Document>(document: Document, changes: Change[]): Document {
  return changes.reduceRight<unknown>(
    (value, change) => place(value, change.path, change.before),
    document,
  ) as Document;
}

function place(value: unknown, path: Change["path"], placed: Json | undefined): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return placed;
  if (Array.isArray(value)) {
    const items = [...value];
    items[Number(part)] = place(items[Number(part)], rest, placed);
    return items;
  }
  const members = value as Record<string, unknown>;
  return { ...members, [part]: place(members[part], rest, placed) };
}

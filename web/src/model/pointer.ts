/** JSON pointers (RFC 6901) over immutable values. */
import { isObject, type Json, type JsonObject } from "~/api/json";

export function pointerParts(pointer: string): string[] {
  if (pointer === "") return [];
  return pointer
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

export function pointerTo(...parts: (string | number)[]): string {
  return parts
    .map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}

export function readAt(value: Json | undefined, pointer: string): Json | undefined {
  let found = value;
  for (const part of pointerParts(pointer)) {
    if (Array.isArray(found)) found = found[Number(part)];
    else if (isObject(found)) found = Object.hasOwn(found, part) ? found[part] : undefined;
    else return undefined;
  }
  return found;
}

/** The value with one place changed; `undefined` takes an object's member or a list's item away. */
export function writeAt(
  value: Json | undefined,
  pointer: string,
  written: Json | undefined,
): Json | undefined {
  return write(value, pointerParts(pointer), written);
}

function write(
  value: Json | undefined,
  parts: string[],
  written: Json | undefined,
): Json | undefined {
  const [part, ...rest] = parts;
  if (part === undefined) return written;
  if (Array.isArray(value)) {
    const index = Number(part);
    const item = write(value[index], rest, written);
    if (item === undefined) return value.filter((_, at) => at !== index);
    const items = [...value];
    items[index] = item;
    return items;
  }
  const members: JsonObject = isObject(value) ? value : {};
  const member = write(members[part], rest, written);
  if (member === undefined) {
    const { [part]: _, ...others } = members;
    return others;
  }
  return { ...members, [part]: member };
}

/** The pointers that a pattern with `*` ("each item") stands for in a value. */
export function expandPointer(value: Json | undefined, pattern: string): string[] {
  let found: { at: string; value: Json | undefined }[] = [{ at: "", value }];
  for (const part of pointerParts(pattern)) {
    found = found.flatMap((place) => {
      if (part !== "*") {
        const at = place.at + pointerTo(part);
        return [{ at, value: readAt(place.value, pointerTo(part)) }];
      }
      const items = Array.isArray(place.value) ? place.value : [];
      return items.map((item, index) => ({ at: place.at + pointerTo(index), value: item }));
    });
  }
  return found.map((place) => place.at);
}

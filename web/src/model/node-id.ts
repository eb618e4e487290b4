/** Node ids: the words that formulas use for a node's output. */

export const reservedWords: ReadonlySet<string> = new Set(
  ("item index run flow now vars loop true false none and or not in is if else" as const).split(
    " ",
  ),
);

const shape = /^[a-z][a-z0-9_]{0,63}$/;

export function isNodeId(text: string): boolean {
  return shape.test(text) && !reservedWords.has(text);
}

/** The id of a type's first node: `slack.post_message` gives `post_message`. */
export function plainNodeId(type: string): string {
  return (
    (type.split(".").at(-1) ?? "")
      .toLowerCase()
      .replace(/[^a-z0-9_]+/g, "_")
      .replace(/^[^a-z]+/, "")
      .slice(0, 58) || "node"
  );
}

/** A free id made of the type's own name, numbered from the second on. */
export function freshNodeId(type: string, taken: ReadonlySet<string>): string {
  const name = plainNodeId(type);
  if (isNodeId(name) && !taken.has(name)) return name;
  for (let number = 2; ; number += 1) {
    const id = `${name}_${number}`;
    if (!taken.has(id)) return id;
  }
}

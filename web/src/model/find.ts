/** Finds nodes and notes of a flow by what a person remembers of them. */
import { isLosslessNumber, isObject, type Json } from "~/api/json";
import type { FlowDocument, FlowNode } from "./flow";
import { notesOf } from "./note";
import type { NodeTypes } from "./port";
import { plainText } from "./search";
import { titleOfNode } from "./title";

export type Place = "name" | "type" | "note" | "parameter";

export interface Hit {
  kind: "node" | "note";
  id: string;
  place: Place;
  /** The text that it was found in, around the find. */
  excerpt: string;
}

const side = 28;

/** Every text and number in a value, at any depth. */
function textsIn(value: Json | undefined, found: string[] = []): string[] {
  if (typeof value === "string") found.push(value);
  else if (typeof value === "number" || isLosslessNumber(value)) found.push(String(value));
  else if (Array.isArray(value)) for (const item of value) textsIn(item, found);
  else if (isObject(value)) for (const name of Object.keys(value)) textsIn(value[name], found);
  return found;
}

function excerptOf(text: string, word: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  const at = Math.max(plainText(line).indexOf(word), 0);
  const [start, end] = [Math.max(at - side, 0), Math.min(at + word.length + side, line.length)];
  return `${start > 0 ? "…" : ""}${line.slice(start, end)}${end < line.length ? "…" : ""}`;
}

function placesIn(node: FlowNode, types: NodeTypes): [Place, string[]][] {
  const type = types.get(node.type);
  const title = type?.title ?? node.type;
  return [
    ["name", [titleOfNode(node, type), node.id]],
    ["type", [title, node.type, ...(type?.synonyms ?? [])]],
    ["note", node.note ? [node.note] : []],
    ["parameter", textsIn(node.params)],
  ];
}

function findIn(places: [Place, string[]][], words: string[]): Omit<Hit, "kind" | "id"> | null {
  const all = places.map(([, texts]) => plainText(texts.join("\n"))).join("\n");
  const [first] = words;
  if (first === undefined || !words.every((word) => all.includes(word))) return null;
  for (const [place, texts] of places) {
    const text = texts.find((it) => plainText(it).includes(first));
    if (text !== undefined) return { place, excerpt: excerptOf(text, first) };
  }
  return null;
}

/** What fits every word, by name first; the flow's own order within. */
export function findInFlow(flow: FlowDocument, types: NodeTypes, query: string): Hit[] {
  const words = plainText(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const nodes = flow.nodes.flatMap((node): Hit[] => {
    const found = findIn(placesIn(node, types), words);
    return found ? [{ kind: "node", id: node.id, ...found }] : [];
  });
  const notes = notesOf(flow).flatMap((note): Hit[] => {
    const found = findIn(
      [
        ["name", [note.title]],
        ["note", [note.text]],
      ],
      words,
    );
    return found ? [{ kind: "note", id: note.id, ...found }] : [];
  });
  const order: Place[] = ["name", "type", "note", "parameter"];
  return [...nodes, ...notes].sort(
    (left, right) => order.indexOf(left.place) - order.indexOf(right.place),
  );
}

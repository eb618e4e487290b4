/** Tells problems in the reader's language, in the words of the catalogue and of the canvas. */
import type { JsonSchema, Problem, ProblemWords } from "~/api/contract";
import { isObject, type Json, type JsonObject } from "~/api/json";
import { type FlowDocument, findNode } from "../flow";
import { pointerParts } from "../pointer";
import type { NodeTypes } from "../port";
import { fieldsOf, labelledChoices, resolveSchema, titleOf } from "../schema";
import { nodeTitle } from "../variable";
import type { Finding } from "./draft";

export interface Teller {
  flow: FlowDocument;
  types: NodeTypes;
  words: ProblemWords;
}

/** Params that name a node, by its label or, where it has none, by its id. */
const named = ["node", "to", "box"];
const arrow = " → ";

/** A problem with its sentence in full, and in brief for the field at which it stands. */
export function tellProblem(
  given: Finding | Problem,
  { flow, types, words }: Teller,
): Problem & { brief: string } {
  const { code, path, level } = given;
  const otherwise = "message" in given ? given.message : code;
  const params: JsonObject = { ...given.params };
  for (const name of named) {
    if (params[name] !== undefined) params[name] = titled(flow, types, params[name]);
  }
  if (typeof params.nodes === "string") {
    const way = params.nodes.split(arrow).map((it) => titled(flow, types, it));
    params.nodes = way.join(arrow);
  }
  // A formula's name stays as it is written there, unless it stands for a node.
  const reads = /^expression\.(not_before|inside_loop|reads_disabled)$/.test(code);
  if (reads && params.name !== undefined) params.name = titled(flow, types, params.name);
  const place = placeOf(flow, types, path ?? "");
  if (/^params\.(one_of|choice)$/.test(code) && Array.isArray(params.choices)) {
    params.choices = params.choices.map((it) => place.members.get(String(it)) ?? it);
  }
  const node = typeof params.node === "string" && params.node !== "" ? params.node : place.node;
  // The field that a formula names is one of the data, and not the one that the formula stands in.
  const ofForm = !code.startsWith("expression.") && typeof params.field === "string";
  if (place.field !== "" && ofForm) params.field = place.field;
  // Each language has quotation marks of its own.
  const quoted = (words.sentences.at_node ?? "“{node}”: ").replace("{node}", node).slice(0, -2);
  const at = place.field === "" ? quoted : `${quoted}, ${place.field}`;
  const sentence = render(code, { ...params, node, place: at }, words);
  if (sentence === null) return { ...given, message: otherwise, brief: otherwise };
  const here = [`${at}: `, `${quoted}: `];
  const start = here.find((it) => sentence.startsWith(it)) ?? "";
  const brief = capital(sentence.slice(start.length));
  const inFormula = code.startsWith("expression.") && start === "";
  const message = inFormula ? `${at}: ${sentence}` : sentence;
  return { path, code, level, params: { ...given.params, ...params }, message, brief };
}

function titled(flow: FlowDocument, types: NodeTypes, name: Json): Json {
  return typeof name === "string" && findNode(flow, name) ? nodeTitle(flow, types, name) : name;
}

/** What people call a place of the document: its node, and the fields on the way to it. */
function placeOf(flow: FlowDocument, types: NodeTypes, path: string) {
  const [section, index, room, ...rest] = pointerParts(path);
  const node = section === "nodes" ? flow.nodes[Number(index)] : undefined;
  const members: ReadonlyMap<string, string> = new Map();
  if (!node) return { node: "", field: "", members };
  const title = nodeTitle(flow, types, node.id);
  const schema = types.get(node.type)?.params_schema;
  if (room !== "params" || !schema) return { node: title, field: "", members };
  return { node: title, ...fieldsOn(schema, rest) };
}

/**
 * The titles of the fields on a way into params: `rules[0].when` is "Rules 1 › When"; and what the
 * fields and choices that are there are called.
 */
function fieldsOn(root: JsonSchema, path: string[]) {
  const titles: string[] = [];
  let schema = resolveSchema(root, root);
  for (const step of path) {
    if (step.startsWith("$")) break;
    if (/^\d+$/.test(step) && titles.length > 0) {
      titles.push(`${titles.pop()} ${Number(step) + 1}`);
      schema = resolveSchema(isObject(schema.items) ? schema.items : {}, root);
      continue;
    }
    const field = fieldsOf(schema, root).find((it) => it.name === step);
    titles.push(field ? titleOf(step, field.schema) : step);
    schema = field?.schema ?? {};
  }
  const members = new Map(
    fieldsOf(schema, root).map((it) => [it.name, titleOf(it.name, it.schema)] as const),
  );
  for (const { value, label } of labelledChoices(schema)) members.set(String(value), label);
  return { field: titles.join(" › "), members };
}

/** The sentence for a code; null for a code that the catalogue does not have. */
export function render(code: string, params: JsonObject, texts: ProblemWords): string | null {
  const { sentences, words } = texts;
  const sentence =
    sentences[code] ?? sentences[code.replace(/^(params\.|flow\.field_)/, "difference.")];
  if (sentence === undefined) return null;
  const shown: Record<string, string> = {};
  for (const [name, value] of Object.entries(params)) shown[name] = show(name, value, words);
  // What exists comes as an English sentence that ends in names, and in how many more there are.
  const names = /: (.*?)\.?$/.exec(shown.known ?? "")?.[1] ?? shown.known ?? "—";
  shown.names = names.replace(/ and (\d+) more$/, " … (+$1)");
  const fill = (text: string) =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => shown[name] ?? whole);
  const told = [fill(sentence).trimEnd()];
  if (params.near && sentences.near) told.push(fill(sentences.near));
  const ofNode = /^(params\.|flow\.field_)/.test(code) && params.node;
  return (ofNode ? fill(sentences.at_node ?? "") : "") + told.join(" ");
}

function show(name: string, value: Json, words: ProblemWords["words"]): string {
  if (["kind", "wanted", "left", "right"].includes(name)) {
    const kinds = (Array.isArray(value) ? value : [value]).map(String);
    const shown = kinds.map((kind) => words[kind] ?? kind);
    const last = shown.pop() ?? "";
    return shown.length === 0 ? last : `${shown.join(", ")} ${words.or ?? "/"} ${last}`;
  }
  if (Array.isArray(value)) return value.map(String).join(", ") || "—";
  return String(value);
}

const capital = (text: string) => text.charAt(0).toLocaleUpperCase() + text.slice(1);

/** A node as a sentence, and each of its ways out as the condition on which it is taken. */
import { msg } from "@lingui/core/macro";
import { isObject } from "~/api/json";
import { defaultPort, errorPort, type FlowDocument, type FlowNode } from "../flow";
import { isFormula, sourceOf } from "../formula";
import { pointerTo, readAt } from "../pointer";
import { isUnnamedWay, type NodeTypes, ownPortNames } from "../port";
import { type Field, hintOf, titleOf } from "../schema";
import { type Names, namesOf } from "./name";
import { phrases } from "./phrase";
import { lowered, type Part, Speaker } from "./speaker";
import { wordings } from "./wording";
import type { Words } from "./words";

export type { Names } from "./name";
export type { Part, Slot } from "./speaker";

/** Says a node of a flow, by its name if it has one of its own. */
export function sentenceOf(flow: FlowDocument, types: NodeTypes, id: string, words: Words): Part[] {
  const names = namesOf(flow, types);
  const node = names.node(id);
  return node ? sayNode(names, node, words) : [];
}

/** A sentence as plain text. */
export function plainSentence(parts: readonly Part[]): string {
  return parts.map((part) => part.text).join("");
}

export function sayNode(names: Names, node: FlowNode, words: Words): Part[] {
  const speaker = new Speaker(names, node, words);
  const said = wordings[node.type]?.(speaker) ?? generic(speaker);
  if (!node.label) return speaker.parts(said);
  const name = speaker.slot("name", node.label, "/label", words.say(msg`Name`));
  return speaker.parts(words.say(msg({ message: "{name}: {said}" }), { name, said }));
}

/** What a type says of itself, and the params that make this node what it is. */
function generic(it: Speaker): string {
  const type = it.names.types.get(it.node.type);
  if (!type) return it.node.type;
  const told = type.kind === "trigger" ? firstSentence(type.summary) : "";
  // A message goes to somebody: that is no detail of it.
  const sent = it.says("to");
  const title = told || type.title;
  const what = sent ? it.say(phrases.to, { what: title, to: it.value("to") }) : title;
  const details = [...it.fields.values()]
    .filter(({ name, schema, required }) => {
      if (sent && name === "to") return false;
      const { advanced, secret } = hintOf(schema);
      return !secret && (required || (it.says(name) && !(advanced && isObject(it.param(name)))));
    })
    .map((field) => detail(it, field));
  if (details.length === 0) return what;
  return it.say(phrases.with, { what, details: it.words.list(details) });
}

/** A param by its name; one that is to be filled in is nothing but its name. */
function detail(it: Speaker, { name, schema }: Field): string {
  const value = it.value(name);
  const given = it.param(name);
  if (given === undefined && schema.default === undefined) return value;
  const message = typeof given === "boolean" ? phrases.set : phrases.detail;
  return it.say(message, { name: lowered(titleOf(name, schema)), value });
}

/** "Starts when a customer places an order", of a longer summary. */
function firstSentence(summary: string): string {
  return (summary.split(/(?<=[.!?])\s/)[0] ?? "").replace(/[.\s]+$/, "");
}

/** When a way out of a node is taken, as a sentence that steps follow. */
export function sayWay(names: Names, node: FlowNode, port: string, words: Words): Part[] {
  const it = new Speaker(names, node, words);
  return it.parts(wayText(it, port));
}

function wayText(it: Speaker, port: string): string {
  const type = it.names.types.get(it.node.type);
  const own = ownPortNames(it.node, type).indexOf(port);
  if (it.node.type === "core.branch" && own >= 0) return ruleText(it, port, own);
  if (own >= 0) {
    const text = it.slot("value", port, (type?.own_ports ?? "").replace("*", String(own)), port);
    return it.say(msg({ message: "If the answer is {answer}:" }), { answer: text });
  }
  const known = knownWays[`${it.node.type}:${port}`] ?? knownWays[port];
  if (known) return it.say(known);
  const title = type?.ports.find((it) => it.name === port)?.title || port;
  return it.say(msg({ message: "If it leaves by “{port}”:" }), { port: title });
}

function ruleText(it: Speaker, port: string, index: number): string {
  const field = it.fields.get("rules");
  const rule = it.inner(field);
  const properties = isObject(rule.properties) ? rule.properties : {};
  const when = isObject(properties.when) ? properties.when : {};
  const pointer = `/rules${pointerTo(index)}/when`;
  const given = readAt(it.node.params, pointer);
  const blank = given === undefined || sourceOf(given).trim() === "";
  const condition =
    blank && (given === undefined || isFormula(given))
      ? it.slot("missing", it.say(msg`condition`), pointer, titleOf("when", when))
      : it.at(pointer, { name: "when", schema: when, required: true });
  const first = index === 0;
  // A name that nobody chose says nothing.
  if (isUnnamedWay(port)) {
    const message = first
      ? msg({ message: "If {condition}:" })
      : msg({ message: "Otherwise, if {condition}:" });
    return it.say(message, { condition });
  }
  const name = it.slot("value", port, `/rules${pointerTo(index)}/port`, titleOf("port", {}));
  const message = first
    ? msg({ message: "If {condition} ({name}):" })
    : msg({ message: "Otherwise, if {condition} ({name}):" });
  return it.say(message, { condition, name });
}

const knownWays: Record<string, typeof phrases.and> = {
  [defaultPort]: msg({ message: "Then:" }),
  [errorPort]: msg({ message: "If it fails:" }),
  else: msg({ message: "Otherwise:" }),
  done: msg({ message: "When all are done:" }),
  yes: msg({ message: "If they say yes:" }),
  no: msg({ message: "If they say no:" }),
  late: msg({ message: "If it takes too long:" }),
  left: msg({ message: "If the wait is called off:" }),
  new: msg({ message: "The first time:" }),
  seen: msg({ message: "If it was here before:" }),
  added: msg({ message: "In the runs that only added to it:" }),
};

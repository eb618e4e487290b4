/**
 * Says one node: fills messages with the values of its params, each a part that can be changed.
 *
 * While messages are put together a part is a mark in the text; `parts` takes the text apart. So a
 * translation may name parts in any order, and a list of them is joined as the language does it.
 */
import { isLosslessNumber, isObject, type Json } from "~/api/json";
import type { FlowNode } from "../flow";
import { isFormula, kindOfValue, literalOf, sourceOf } from "../formula";
import { pointerTo, readAt } from "../pointer";
import {
  choicesIn,
  type Field,
  fieldKind,
  fieldsOf,
  hintOf,
  labelledChoices,
  resolveSchema,
  titleOf,
} from "../schema";
import { partsOf } from "../token";
import type { Variable } from "../variable";
import { quoted, sayExpression } from "./expression";
import type { Names } from "./name";
import { phrases } from "./phrase";
import type { Words } from "./words";

/** A piece of a sentence; one that is more than words names the field that it stands for. */
export type Part = { kind: "text"; text: string } | Slot;

export interface Slot {
  kind: "value" | "formula" | "missing" | "name";
  text: string;
  node: string;
  /** The place in the node, such as `/params/text`. */
  pointer: string;
  /** What the field is called. */
  field: string;
}

/** Marks of private use, which no text of a person has. */
const mark = /\uE000(\d+)\uE001/;
const longest = 160;
const mostItems = 4;
/** A text that needs no quotes to be told from the words around it: `#vip`, `https://…`. */
const plainWord = /^[^\s“”"]{1,60}$/;

export class Speaker {
  readonly say: Words["say"];
  readonly fields: ReadonlyMap<string, Field>;
  private readonly slots: Slot[] = [];

  constructor(
    readonly names: Names,
    readonly node: FlowNode,
    readonly words: Words,
  ) {
    this.say = words.say;
    const schema = names.types.get(node.type)?.params_schema;
    const fields = schema ? fieldsOf(schema, schema) : [];
    this.fields = new Map(fields.map((field) => [field.name, field]));
  }

  param(name: string): Json | undefined {
    return this.node.params?.[name];
  }

  /** Whether a param says something that is not understood without it. */
  says(name: string): boolean {
    const value = this.param(name);
    const field = this.fields.get(name);
    if (value === undefined || value === null) return false;
    if (value === "" || (Array.isArray(value) && value.length === 0)) return false;
    if (isObject(value) && Object.keys(value).length === 0) return false;
    return value !== field?.schema.default;
  }

  /** The value of a param as a part, by its field's kind; `own` are names that only it reads. */
  value(name: string, own: readonly Variable[] = []): string {
    return this.at(pointerTo(name), this.fields.get(name), own);
  }

  /** The value at a place of the params as a part. */
  at(pointer: string, field: Field | undefined, own: readonly Variable[] = []): string {
    const given = readAt(this.node.params, pointer);
    const value = given === undefined || given === null ? field?.schema.default : given;
    const title = field ? titleOf(field.name, field.schema) : (pointer.split("/").at(-1) ?? "");
    const empty = value === undefined || value === null || value === "";
    const blank = empty || (isFormula(value) && sourceOf(value).trim() === "");
    if (blank) return this.slot("missing", lowered(title), pointer, title);
    const kind = isFormula(value) ? "formula" : "value";
    const schema = field?.schema ?? {};
    const said = this.called(pointer, value as Json) ?? this.text(value as Json, schema, own);
    // A formula for a length of time gives a number, which nobody knows yet.
    const timed = kind === "formula" && hintOf(schema).widget === "duration";
    const text = timed ? this.say(phrases.seconds, { value: said }) : said;
    return this.slot(kind, text, pointer, title);
  }

  /** The name of what an id stands for, or of each of several. */
  private called(pointer: string, value: Json): string | undefined {
    const field = pointer.slice(1);
    if (!Array.isArray(value)) return this.names.called(this.node, field, value);
    const named = value.map((item) => this.names.called(this.node, field, item));
    const all = named.filter((name) => name !== undefined);
    return all.length > 0 && all.length === value.length ? this.all(all) : undefined;
  }

  slot(kind: Slot["kind"], text: string, pointer: string, field: string): string {
    const place = kind === "name" ? pointer : `/params${pointer}`;
    this.slots.push({ kind, text: clip(text), node: this.node.id, pointer: place, field });
    return `\uE000${this.slots.length - 1}\uE001`;
  }

  /** The schema of a list's items, or of a map's values. */
  inner(field: Field | undefined): Field["schema"] {
    const schema = this.names.types.get(this.node.type)?.params_schema ?? {};
    const { items, additionalProperties } = field?.schema ?? {};
    const inner = isObject(items) ? items : additionalProperties;
    return isObject(inner) ? resolveSchema(inner, schema) : {};
  }

  /** A value in words. */
  text(value: Json, schema: Field["schema"] = {}, own: readonly Variable[] = []): string {
    const label = (source: string) => this.names.label(source, this.node.id, own);
    const kind = kindOfValue(value);
    if (kind === "expression") return sayExpression(sourceOf(value), label, this.words);
    if (kind === "text") {
      const source = sourceOf(value).trim();
      const [only, ...more] = partsOf(source);
      // A text that is one field and nothing else is that field.
      if (only?.kind === "slot" && more.length === 0) {
        return sayExpression(source.slice(only.innerFrom, only.innerTo), label, this.words);
      }
      return quoted(this.template(source, label), this.words);
    }
    const literal = literalOf(value) ?? null;
    if (hintOf(schema).secret || fieldKind(schema) === "secret") return "•••";
    if (literal === null) return this.say(phrases.nothing);
    if (typeof literal === "boolean") return this.say(literal ? phrases.yes : phrases.no);
    if (typeof literal === "number" || isLosslessNumber(literal))
      return this.number(literal, schema);
    if (typeof literal === "string") return this.word(literal, schema);
    if (Array.isArray(literal)) {
      const items = isObject(schema.items) ? schema.items : {};
      return this.all(literal.map((item) => this.text(item, items, own)));
    }
    return this.all(
      Object.entries(literal).map(([name, item]) =>
        this.say(phrases.set, { name, value: this.text(item, {}, own) }),
      ),
    );
  }

  private number(value: Json, schema: Field["schema"]): string {
    const number = Number(value);
    if (hintOf(schema).widget === "duration" && Number.isSafeInteger(number) && number >= 0) {
      return this.words.duration(number);
    }
    return String(value);
  }

  private word(text: string, schema: Field["schema"]): string {
    const choice = choicesIn(schema) && labelledChoices(schema).find((it) => it.value === text);
    if (choice) return lowered(choice.label);
    return plainWord.test(text) ? text : quoted(clip(text.replace(/\s+/g, " ").trim()), this.words);
  }

  private template(source: string, label: (source: string) => string): string {
    return partsOf(source)
      .map((part) => {
        if (part.kind === "comment") return "";
        const inner = source.slice(part.innerFrom, part.innerTo);
        if (part.kind === "slot") return `[${sayExpression(inner, label, this.words)}]`;
        return part.kind === "plain" ? inner : this.tag(inner, label);
      })
      .join("")
      .replace(/\s+/g, " ")
      .trim();
  }

  /** A tag in words, `[if Order › Total is more than 500: … ]`; one that prints nothing is left out. */
  private tag(inner: string, label: (source: string) => string): string {
    const [, name = "", rest = ""] = /^-?\s*(\w+)\s*([\s\S]*?)\s*-?$/.exec(inner) ?? [];
    const said = (source: string) => sayExpression(source, label, this.words);
    if (name === "if") return `[${this.say(phrases.when, { condition: said(rest) })} `;
    if (name === "elif") return `; ${this.say(phrases.orWhen, { condition: said(rest) })} `;
    if (name === "else") return `; ${this.say(phrases.otherwise)} `;
    const list = /\bin\s+([\s\S]+)$/.exec(rest)?.[1] ?? rest;
    if (name === "for") return `[${this.say(phrases.forEach, { list: said(list) })} `;
    return name === "endif" || name === "endfor" ? "]" : "";
  }

  private all(items: string[]): string {
    if (items.length === 0) return this.say(phrases.nothing);
    if (items.length <= mostItems) return this.words.list(items);
    const more = this.say(phrases.moreFields, { count: items.length - mostItems });
    return this.words.list([...items.slice(0, mostItems), more]);
  }

  /** A said text with its parts taken out of it. */
  parts(text: string): Part[] {
    const parts: Part[] = [];
    let rest = text;
    for (let found = mark.exec(rest); found; found = mark.exec(rest)) {
      if (found.index > 0) parts.push({ kind: "text", text: rest.slice(0, found.index) });
      const slot = this.slots[Number(found[1])];
      if (slot) parts.push(slot);
      rest = rest.slice(found.index + found[0].length);
    }
    if (rest !== "") parts.push({ kind: "text", text: rest });
    return parts;
  }
}

function clip(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1).trimEnd()}…` : text;
}

/** A title inside a sentence; an abbreviation keeps its letters. */
export function lowered(title: string): string {
  const [first = "", second = ""] = title;
  return second !== second.toLowerCase() ? title : first.toLowerCase() + title.slice(1);
}

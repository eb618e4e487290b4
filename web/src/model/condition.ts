/**
 * Conditions as rows in groups: what a builder can show of the expression language, and back.
 *
 * Reading gives null for everything that the rows could not say with the very same meaning: such a
 * condition stays a formula. What is read and written again is read as the same rows.
 */
import { isLosslessNumber, type Json, parseJson, writeJson } from "~/api/json";
import { readText } from "./path";
import { type Token, tokensOf } from "./token";

export type Operator =
  | "eq"
  | "ne"
  | "gt"
  | "ge"
  | "lt"
  | "le"
  | "in"
  | "not_in"
  | "contains"
  | "lacks"
  | "starts"
  | "ends"
  | "yes"
  | "no"
  | "empty"
  | "filled";

export type Operand = { literal: Json } | { path: string };

export interface Test {
  /** A field's place, with filters if need be: `order.line_items | length`. */
  subject: string;
  operator: Operator;
  value?: Operand;
}

export interface Group {
  join: "and" | "or";
  parts: Part[];
}

export type Part = Test | Group;

export const isGroup = (part: Part): part is Group => "parts" in part;

const signs: Record<string, Operator> = {
  "==": "eq",
  "!=": "ne",
  ">": "gt",
  ">=": "ge",
  "<": "lt",
  "<=": "le",
};
const spelled = Object.fromEntries(Object.entries(signs).map(([sign, name]) => [name, sign]));
const ending: Record<string, Operator> = { starts_with: "starts", ends_with: "ends" };

/** Operators that say all there is to say. */
export const isUnary = (operator: Operator): boolean =>
  ["yes", "no", "empty", "filled"].includes(operator);
export const takesList = (operator: Operator): boolean => operator.endsWith("in");

/** The rows of a condition; an empty source has none, null is beyond what rows can say. */
export function readCondition(source: string): Group | null {
  if (source.trim() === "") return { join: "and", parts: [] };
  try {
    const reader = new Reader(tokensOf(source).filter(({ kind }) => kind !== "space"));
    const part = reader.either();
    if (!reader.atEnd()) return null;
    return isGroup(part) ? part : { join: "and", parts: [part] };
  } catch (error) {
    if (error instanceof BeyondRows) return null;
    throw error;
  }
}

/** Writes the rows that are complete; nothing where none is. */
export function writeCondition(group: Group): string {
  const parts = group.parts.map((part): string => {
    if (!isGroup(part)) return writeTest(part);
    const inner = writeCondition(part);
    return inner && part.parts.filter(isComplete).length > 1 ? `(${inner})` : inner;
  });
  return parts.filter((part) => part !== "").join(` ${group.join} `);
}

export function isComplete(part: Part): boolean {
  return isGroup(part) ? part.parts.some(isComplete) : writeTest(part) !== "";
}

function writeTest({ subject, operator, value }: Test): string {
  if (subject.trim() === "") return "";
  if (operator === "yes") return subject;
  if (operator === "no") return `not ${subject}`;
  if (operator === "empty") return `${subject} is empty`;
  if (operator === "filled") return `${subject} is not empty`;
  if (value === undefined) return "";
  const operand = "path" in value ? value.path : writeLiteral(value.literal);
  if (operand === "") return "";
  if (operator === "in") return `${subject} in ${operand}`;
  if (operator === "not_in") return `${subject} not in ${operand}`;
  if (operator === "contains") return `${operand} in ${subject}`;
  if (operator === "lacks") return `${operand} not in ${subject}`;
  if (operator === "starts") return `${subject} | starts_with(${operand})`;
  if (operator === "ends") return `${subject} | ends_with(${operand})`;
  return `${subject} ${spelled[operator]} ${operand}`;
}

function writeLiteral(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(writeLiteral).join(", ")}]`;
  if (typeof value === "string") return writeText(value);
  if (typeof value === "number" || isLosslessNumber(value)) return writeJson(value);
  return String(value);
}

const unknownEscapes: Record<string, string> = { "\\b": "\\u0008", "\\f": "\\u000c" };

/** Quoted with the escapes that the language knows. */
function writeText(text: string): string {
  return JSON.stringify(text).replace(/\\./g, (pair) => unknownEscapes[pair] ?? pair);
}

// Reading ------------------------------------------------------------------------------------

class BeyondRows extends Error {}

const reserved = new Set(
  "and or not in is if else true false none null True False None".split(" "),
);
const number = /^(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE]\d+)?$/;
const constants: Record<string, Json> = { true: true, false: false };

class Reader {
  #at = 0;

  constructor(private readonly tokens: Token[]) {}

  atEnd(): boolean {
    return this.#at === this.tokens.length;
  }

  either(): Part {
    return this.#row("or", () => this.#row("and", () => this.#term()));
  }

  #row(join: Group["join"], read: () => Part): Part {
    const parts = [read()];
    while (this.#take(join)) parts.push(read());
    const [only] = parts;
    return parts.length === 1 && only ? only : { join, parts };
  }

  #term(): Part {
    if (this.#take("(")) {
      const part = this.either();
      this.#expect(")");
      // Brackets around what goes on, as in (a) > b, are more than rows say.
      if (!this.atEnd() && ![")", "and", "or"].includes(this.#next().source))
        throw new BeyondRows();
      return part;
    }
    if (this.#take("not")) {
      return this.#ended({ subject: this.#subject(), operator: "no" });
    }
    if (!this.#isSubject()) {
      const literal = this.#literal();
      const operator = this.#take("not") ? "lacks" : "contains";
      this.#expect("in");
      return this.#ended({ subject: this.#subject(), operator, value: { literal } });
    }
    return this.#ended(this.#about(this.#subject()));
  }

  #about(subject: string): Test {
    if (this.#take("is")) {
      const operator = this.#take("not") ? "filled" : "empty";
      this.#expect("empty");
      return { subject, operator };
    }
    if (this.#take("not")) {
      this.#expect("in");
      return { subject, operator: "not_in", value: this.#listed() };
    }
    if (this.#take("in")) return { subject, operator: "in", value: this.#listed() };
    const operator = this.atEnd() ? undefined : signs[this.#next().source];
    if (operator === undefined) return asEnding(subject) ?? { subject, operator: "yes" };
    this.#at += 1;
    return { subject, operator, value: this.#operand() };
  }

  /** What may stand behind `in`: a list, or a field that holds one. */
  #listed(): Operand {
    const operand = this.#operand();
    if ("literal" in operand && !Array.isArray(operand.literal)) throw new BeyondRows();
    return operand;
  }

  #ended(test: Test): Test {
    if (!this.atEnd() && ![")", "and", "or"].includes(this.#next().source)) throw new BeyondRows();
    return test;
  }

  #operand(): Operand {
    return this.#isSubject() ? { path: this.#subject() } : { literal: this.#literal() };
  }

  #isSubject(): boolean {
    const next = this.#next();
    return next.kind === "name" && !reserved.has(next.source);
  }

  #literal(): Json {
    if (this.#take("[")) {
      const items: Json[] = [];
      while (!this.#take("]")) {
        if (items.length > 0) this.#expect(",");
        items.push(this.#scalar());
      }
      return items;
    }
    return this.#scalar();
  }

  #scalar(): Json {
    const minus = this.#take("-");
    const { kind, source: text } = this.#next();
    this.#at += 1;
    if (kind === "number" && number.test(text)) return parseJson(`${minus ? "-" : ""}${text}`);
    const quoted = kind === "text" && !minus ? readText(text) : null;
    if (quoted !== null) return quoted;
    if (minus) throw new BeyondRows();
    const constant = constants[text];
    if (kind !== "name" || constant === undefined) throw new BeyondRows();
    return constant;
  }

  /** A field's place and its filters, spelled one way. */
  #subject(): string {
    if (!this.#isSubject()) throw new BeyondRows();
    let text = this.#name();
    while (!this.atEnd()) {
      if (this.#take(".")) text += `.${this.#name()}`;
      else if (this.#take("[")) {
        const key = this.#scalar();
        if (typeof key !== "string" && typeof key !== "number") throw new BeyondRows();
        text += `[${writeLiteral(key)}]`;
        this.#expect("]");
      } else break;
    }
    while (this.#take("|")) text += ` | ${this.#name()}${this.#arguments()}`;
    return text;
  }

  #arguments(): string {
    if (!this.#take("(")) return "";
    const given: string[] = [];
    while (!this.#take(")")) {
      if (given.length > 0) this.#expect(",");
      given.push(writeLiteral(this.#literal()));
    }
    return `(${given.join(", ")})`;
  }

  #name(): string {
    const { kind, source: text } = this.#next();
    if (kind !== "name") throw new BeyondRows();
    this.#at += 1;
    return text;
  }

  #next(): Token {
    const next = this.tokens[this.#at];
    if (!next) throw new BeyondRows();
    return next;
  }

  #take(text: string): boolean {
    const next = this.tokens[this.#at];
    if (!next || next.kind === "text" || next.source !== text) return false;
    this.#at += 1;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw new BeyondRows();
  }
}

/** `order.name | starts_with("A")`, where nothing but its last filter asks anything. */
function asEnding(subject: string): Test | null {
  const found = /^(.*) \| (starts_with|ends_with)\(("(?:[^"\\]|\\.)*")\)$/s.exec(subject);
  const operator = ending[found?.[2] ?? ""];
  if (!found?.[1] || !operator) return null;
  return { subject: found[1], operator, value: { literal: readText(found[3] ?? "") ?? "" } };
}

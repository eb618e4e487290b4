/**
 * Expressions said in words: "Order › Total is more than 500".
 *
 * Reads the part of the language that people use for conditions. Whatever else stands there is
 * shown as it is written, paths by their labels, and nothing is guessed. Left out is only how a
 * value is written: a default, a rounding, small letters.
 */
import { readText } from "../path";
import { type Token, tokensOf } from "../token";
import { phrases } from "./phrase";
import type { Words } from "./words";

type Label = (source: string) => string;

/** How tightly a phrase holds together, so that brackets stand only where they must. */
interface Said {
  text: string;
  bind: number;
}

const loose = { or: 1, and: 2, not: 3, compare: 4, plain: 9 } as const;

/** An expression in words; one that is too much for words as it stands, with labels. */
export function sayExpression(source: string, label: Label, words: Words): string {
  const tokens = tokensOf(source).filter((token) => token.kind !== "space");
  if (tokens.length === 0) return "";
  const reader = new Reader(tokens, source, label, words);
  const said = reader.any();
  return said && reader.over ? said.text : label(source);
}

const comparisons = {
  "==": phrases.equal,
  "!=": phrases.different,
  ">": phrases.more,
  "<": phrases.less,
  ">=": phrases.atLeast,
  "<=": phrases.atMost,
} as const;

/** To be compared with none is to be empty. */
const toNone = new Map([
  [phrases.equal, phrases.empty],
  [phrases.different, phrases.full],
]);

/** Filters that say something of their own. */
const filters: Readonly<Record<string, (typeof phrases)["equal"]>> = {
  contains: phrases.contains,
  starts_with: phrases.startsWith,
  ends_with: phrases.endsWith,
  length: phrases.count,
};
/** Filters that only change how a value is written, or what stands for one that is not there. */
const dressing = new Set(
  "default number text money round fixed localize trim lower upper join date datetime time".split(
    " ",
  ),
);

const opening = new Set(["(", "[", "{"]);
const closing = new Set([")", "]", "}"]);
/** What ends an operand that is not compared further. */
const ends = new Set(["and", "or", "not", "in", "is", "if", "else", ...Object.keys(comparisons)]);

class Reader {
  private at = 0;

  constructor(
    private readonly tokens: Token[],
    private readonly source: string,
    private readonly label: Label,
    private readonly words: Words,
  ) {}

  get over(): boolean {
    return this.at === this.tokens.length;
  }

  any(): Said | null {
    return this.chain("or", phrases.or, loose.or, () => this.both());
  }

  private both(): Said | null {
    return this.chain("and", phrases.and, loose.and, () => this.denial());
  }

  private chain(
    word: "and" | "or",
    phrase: (typeof phrases)["and"],
    bind: number,
    part: () => Said | null,
  ): Said | null {
    let left = part();
    while (left && this.take(word)) {
      const right = part();
      if (!right) return null;
      const values = { left: bracket(left, bind), right: bracket(right, bind) };
      left = { text: this.words.say(phrase, values), bind };
    }
    return left;
  }

  private denial(): Said | null {
    if (!this.take("not")) return this.comparison();
    const inner = this.denial();
    if (!inner) return null;
    // What is not compared with anything has a value of its own to be told.
    if (inner.bind === loose.plain) {
      return { text: this.words.say(phrases.falsy, { left: inner.text }), bind: loose.compare };
    }
    const text = this.words.say(phrases.not, { condition: bracket(inner, loose.plain) });
    return { text, bind: loose.not };
  }

  private comparison(): Said | null {
    const left = this.operand();
    if (!left) return null;
    if (this.take("is")) return this.test(left.text);
    const sign = this.tokens[this.at]?.source ?? "";
    const phrase = Object.hasOwn(comparisons, sign)
      ? comparisons[sign as keyof typeof comparisons]
      : undefined;
    if (phrase) {
      this.at += 1;
      return this.compared(phrase, left.text);
    }
    if (this.take("in")) return this.compared(phrases.among, left.text);
    if (this.tokens[this.at]?.source === "not" && this.tokens[this.at + 1]?.source === "in") {
      this.at += 2;
      return this.compared(phrases.notAmong, left.text);
    }
    return left;
  }

  private compared(phrase: (typeof phrases)["equal"], left: string): Said | null {
    const from = this.at;
    const right = this.operand();
    if (!right) return null;
    const alone = this.at === from + 1;
    const said = (alone && this.tokens[from]?.source === "none" && toNone.get(phrase)) || phrase;
    return { text: this.words.say(said, { left, right: right.text }), bind: loose.compare };
  }

  private test(left: string): Said | null {
    const not = this.take("not");
    const name = this.tokens[this.at]?.source;
    this.at += 1;
    const found =
      name === "defined"
        ? [phrases.known, phrases.unknown]
        : name === "none"
          ? [phrases.empty, phrases.full]
          : null;
    const phrase = found?.[not ? 1 : 0];
    return phrase ? { text: this.words.say(phrase, { left }), bind: loose.compare } : null;
  }

  /** A value: brackets, a literal, a list, or anything up to the next word that compares. */
  private operand(): Said | null {
    const first = this.tokens[this.at];
    if (!first) return null;
    if (first.source === "(" && this.wholeBracket()) {
      this.at += 1;
      const inner = this.any();
      if (!inner || !this.take(")")) return null;
      return inner;
    }
    const list = first.source === "[" ? this.list() : null;
    if (list) return list;
    const from = this.at;
    this.skip();
    if (this.at === from) return null;
    return { text: this.value(from, this.at), bind: loose.plain };
  }

  /** Whether a bracket holds all of the operand, so that nothing is reckoned with it. */
  private wholeBracket(): boolean {
    let depth = 0;
    for (let at = this.at; at < this.tokens.length; at += 1) {
      const source = this.tokens[at]?.source ?? "";
      if (opening.has(source)) depth += 1;
      if (closing.has(source)) depth -= 1;
      if (depth > 0) continue;
      const next = this.tokens[at + 1];
      return next === undefined || next.source === ")" || ends.has(next.source);
    }
    return false;
  }

  /** A list of plain values: "ES, PT or FR" is how it is compared with. */
  private list(): Said | null {
    const items: string[] = [];
    let at = this.at + 1;
    for (;;) {
      const token = this.tokens[at];
      if (token?.kind !== "text" && token?.kind !== "number") return null;
      items.push(this.value(at, at + 1));
      const next = this.tokens[at + 1]?.source;
      at += 2;
      if (next === "]") break;
      if (next !== ",") return null;
    }
    const after = this.tokens[at];
    if (after && !ends.has(after.source) && after.source !== ")") return null;
    this.at = at;
    return { text: items.join(", "), bind: loose.plain };
  }

  private skip(): void {
    let depth = 0;
    for (; this.at < this.tokens.length; this.at += 1) {
      const token = this.tokens[this.at] as Token;
      if (depth === 0 && (closing.has(token.source) || this.isEnd(token))) return;
      if (opening.has(token.source)) depth += 1;
      if (closing.has(token.source)) depth -= 1;
    }
  }

  private isEnd(token: Token): boolean {
    if (!ends.has(token.source)) return false;
    // A field may be called like a word of the language: `order.in`.
    return token.kind === "sign" || this.tokens[this.at - 1]?.source !== ".";
  }

  private value(from: number, to: number): string {
    const [first, last] = [this.tokens[from], this.tokens[to - 1]];
    if (!first || !last) return "";
    const source = this.source.slice(first.from, last.to);
    if (from + 1 === to) {
      const text = first.kind === "text" ? readText(first.source) : null;
      if (text !== null) return quoted(text, this.words);
      if (source === "true") return this.words.say(phrases.yes);
      if (source === "false") return this.words.say(phrases.no);
      if (source === "none") return this.words.say(phrases.nothing);
    }
    return this.filtered(from, to);
  }

  /** A value with filters: some are said, some go without saying, others stand as they are. */
  private filtered(from: number, to: number): string {
    const marks = this.pipes(from, to);
    let end = marks[0] ?? to;
    let said = this.label(this.between(from, end));
    for (const [index, mark] of marks.entries()) {
      const next = marks[index + 1] ?? to;
      const name = this.tokens[mark + 1]?.source ?? "";
      const values = { left: said, right: this.argument(mark + 2, next) };
      const phrase = Object.hasOwn(filters, name) ? filters[name] : undefined;
      if (phrase) said = this.words.say(phrase, values);
      else if (!dressing.has(name)) said += ` | ${this.label(this.between(mark + 1, next))}`;
      end = next;
    }
    return said;
  }

  /** Where a value is handed on to a filter, outside of all brackets. */
  private pipes(from: number, to: number): number[] {
    const found: number[] = [];
    let depth = 0;
    for (let at = from; at < to; at += 1) {
      const source = this.tokens[at]?.source ?? "";
      if (opening.has(source)) depth += 1;
      else if (closing.has(source)) depth -= 1;
      else if (source === "|" && depth === 0) found.push(at);
    }
    return found;
  }

  private argument(from: number, to: number): string {
    return to - from > 2 ? this.value(from + 1, to - 1) : "";
  }

  private between(from: number, to: number): string {
    const [first, last] = [this.tokens[from], this.tokens[to - 1]];
    return first && last && to > from ? this.source.slice(first.from, last.to) : "";
  }

  private take(word: string): boolean {
    if (this.tokens[this.at]?.source !== word) return false;
    this.at += 1;
    return true;
  }
}

function bracket(said: Said, around: number): string {
  return said.bind < around ? `(${said.text})` : said.text;
}

/** A text as it stands in a sentence. */
export function quoted(text: string, words: Words): string {
  return words.say(phrases.quoted, { text });
}

/**
 * The spelling of formulas: their tokens, and the parts of a text with slots.
 *
 * Total and without loss: for any source whatever, the tokens (or parts) side by side are the
 * source again. What a formula means, and whether it is right, the server decides.
 */

export type TokenKind = "space" | "name" | "number" | "text" | "sign";

export interface Token {
  kind: TokenKind;
  source: string;
  from: number;
  to: number;
}

const patterns: [TokenKind, RegExp][] = [
  ["space", /[ \t\r\n\f\v\u00a0]+/y],
  ["number", /[0-9][0-9A-Za-z_]*(?:\.[0-9][0-9A-Za-z_]*)?/y],
  ["name", /[A-Za-z_][A-Za-z0-9_]*/y],
  ["text", /"(?:[^"\\]|\\[\s\S])*(?:"|\\?$)|'(?:[^'\\]|\\[\s\S])*(?:'|\\?$)/y],
  ["sign", /\/\/|\*\*|==|!=|>=|<=|[\s\S]/y],
];
const index = /[0-9]+/y;

/** The tokens between two places of a source. */
export function tokensOf(source: string, from = 0, to = source.length): Token[] {
  const tokens: Token[] = [];
  let at = from;
  while (at < to) {
    const token = tokenAt(source, at, to, tokens.at(-1)?.source === ".");
    tokens.push(token);
    at = token.to;
  }
  return tokens;
}

function tokenAt(source: string, at: number, end: number, afterDot: boolean): Token {
  for (const [kind, usual] of patterns) {
    // After a dot there is a place in a list: `rows.0.1` has no fraction in it.
    const pattern = kind === "number" && afterDot ? index : usual;
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (!match || match[0] === "") continue;
    const to = Math.min(at + match[0].length, end);
    return { kind, source: source.slice(at, to), from: at, to };
  }
  return { kind: "sign", source: source.slice(at, at + 1), from: at, to: at + 1 };
}

/** A piece of a text: words as they stand, a slot `{{ … }}`, a tag `{% … %}` or a comment. */
export interface TextPart {
  kind: "plain" | "slot" | "tag" | "comment";
  from: number;
  to: number;
  /** What stands between the braces. */
  innerFrom: number;
  innerTo: number;
}

const opening = /\{\{|\{%|\{#/g;
const closings = { "{{": "}}", "{%": "%}", "{#": "#}" } as const;
const kinds = { "{{": "slot", "{%": "tag", "{#": "comment" } as const;

/** The parts of a text with slots; a slot that nobody closed goes on to the end. */
export function partsOf(source: string): TextPart[] {
  const parts: TextPart[] = [];
  let at = 0;
  const plain = (to: number) => {
    if (to > at) parts.push({ kind: "plain", from: at, to, innerFrom: at, innerTo: to });
    at = to;
  };
  while (at < source.length) {
    opening.lastIndex = at;
    const mark = opening.exec(source);
    plain(mark ? mark.index : source.length);
    if (!mark) break;
    const braces = mark[0] as keyof typeof closings;
    const inner = at + 2;
    const end = findEnd(source, inner, closings[braces]);
    const to = end < 0 ? source.length : end + 2;
    parts.push({
      kind: kinds[braces],
      from: at,
      to,
      innerFrom: inner,
      innerTo: end < 0 ? to : end,
    });
    at = to;
    if (braces === "{%" && /^-?\s*raw\s*-?$/.test(source.slice(inner, end))) {
      const raw = /\{%-?\s*endraw\s*-?%\}/.exec(source.slice(at));
      plain(raw ? at + raw.index : source.length);
    }
  }
  return parts;
}

/** Where a slot ends: not inside quotes, nor at the end of an object in it; -1 if nowhere. */
function findEnd(source: string, from: number, closing: string): number {
  if (closing === "#}") return source.indexOf(closing, from);
  let braces = 0;
  let afterDot = false;
  for (let at = from; at < source.length; ) {
    if (braces === 0 && source.startsWith(closing, at)) return at;
    const token = tokenAt(source, at, source.length, afterDot);
    if (token.source === "{") braces += 1;
    if (token.source === "}") braces = Math.max(0, braces - 1);
    afterDot = token.source === ".";
    at = token.to;
  }
  return -1;
}

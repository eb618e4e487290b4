/** A field's place in a formula: `order.line_items[0]["odd name"]` read into a name and steps. */
import { type Token, tokensOf } from "./token";

export interface DataPath {
  /** The variable: a node's id, a loop's item, `now`… */
  root: string;
  steps: (string | number)[];
}

/** The words of the language, which are no variables. */
const reserved: ReadonlySet<string> = new Set(
  "and or not in is if else elif endif for endfor true false none null loop".split(" "),
);

export interface FoundPath extends DataPath {
  from: number;
  to: number;
}

/** Every path of an expression, in order, however it is used there. */
export function pathsIn(source: string, from = 0, to = source.length): FoundPath[] {
  const tokens = tokensOf(source, from, to);
  const found: FoundPath[] = [];
  let at = 0;
  while (at < tokens.length) {
    const path = pathAt(tokens, at);
    if (path) found.push(path.path);
    at = path?.next ?? at + 1;
  }
  return found;
}

/** Reads a source that is one path and nothing else; null for anything more. */
export function readPath(source: string): DataPath | null {
  const [path, more] = pathsIn(source);
  if (!path || more || source.trim() !== source.slice(path.from, path.to)) return null;
  return { root: path.root, steps: path.steps };
}

/** The path that begins with a token, if one does. */
export function pathAt(tokens: Token[], at: number): { path: FoundPath; next: number } | null {
  const first = tokens[at];
  if (first?.kind !== "name" || reserved.has(first.source.toLowerCase())) return null;
  const before = lastSolid(tokens, at - 1);
  // A field of something else, a filter, a test or an argument has its name here.
  if (before?.source === "." || before?.source === "|" || isTest(tokens, at)) return null;
  const after = tokens.slice(at + 1, at + 3).find((token) => token.kind !== "space");
  if (after?.source === "=" || after?.source === "(") return null;
  const steps: DataPath["steps"] = [];
  let next = at + 1;
  let to = first.to;
  for (let step = stepAt(tokens, next); step; step = stepAt(tokens, next)) {
    steps.push(step.step);
    next = step.next;
    to = tokens[next - 1]?.to ?? to;
  }
  // There are no methods: what is called is no field.
  if (tokens[next]?.source === "(") return null;
  return { path: { root: first.source, steps, from: first.from, to }, next };
}

function stepAt(tokens: Token[], at: number): { step: string | number; next: number } | null {
  const sign = tokens[at];
  if (sign?.source === ".") {
    const name = tokens[at + 1];
    if (name?.kind === "name") return { step: name.source, next: at + 2 };
    if (name?.kind === "number" && /^[0-9]+$/.test(name.source)) {
      return { step: Number(name.source), next: at + 2 };
    }
    return null;
  }
  if (sign?.source !== "[") return null;
  const minus = tokens[at + 1]?.source === "-" ? 1 : 0;
  const key = tokens[at + 1 + minus];
  if (!key || tokens[at + 2 + minus]?.source !== "]") return null;
  const next = at + 3 + minus;
  if (key.kind === "number" && /^(?:0|[1-9][0-9]{0,14})$/.test(key.source)) {
    return { step: minus ? -Number(key.source) : Number(key.source), next };
  }
  if (key.kind !== "text" || minus) return null;
  const text = readText(key.source);
  return text === null ? null : { step: text, next };
}

const escapes: Record<string, string> = { n: "\n", t: "\t", r: "\r" };

/** The text that a literal in quotes stands for; null where it does not end. */
export function readText(literal: string): string | null {
  const quote = literal[0];
  if ((quote !== '"' && quote !== "'") || literal.length < 2) return null;
  if (!/^(?:"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*')$/.test(literal)) return null;
  return literal
    .slice(1, -1)
    .replace(/\\(?:u([0-9A-Fa-f]{4})|([\s\S]))/g, (_, code?: string, plain?: string) =>
      code ? String.fromCharCode(Number.parseInt(code, 16)) : (escapes[plain ?? ""] ?? plain ?? ""),
    );
}

function lastSolid(tokens: Token[], at: number): Token | undefined {
  for (let place = at; place >= 0; place -= 1) {
    if (tokens[place]?.kind !== "space") return tokens[place];
  }
  return undefined;
}

/** Whether a name stands behind `is` or `is not`: then it is a test. */
function isTest(tokens: Token[], at: number): boolean {
  const before = lastSolid(tokens, at - 1);
  if (before?.source !== "not") return before?.source === "is";
  return lastSolid(tokens, tokens.indexOf(before) - 1)?.source === "is";
}

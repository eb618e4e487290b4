/**
 * Compares a param with its JSON Schema as the server does, as far as the editor can tell.
 *
 * It leaves to the server what needs exact arithmetic or a calendar: multiples, dates, rules.
 */
import type { JsonSchema } from "~/api/contract";
import { isLosslessNumber, isObject, type Json, type JsonObject } from "~/api/json";

/** One way in which a value does not fit: where, the kind of difference, and its figures. */
export interface Difference {
  path: Path;
  kind: string;
  params: JsonObject;
}

export type Path = readonly (string | number)[];

type Kind = "null" | "boolean" | "integer" | "number" | "text" | "list" | "object";

const kinds: Record<string, Kind[]> = {
  null: ["null"],
  boolean: ["boolean"],
  integer: ["integer"],
  number: ["integer", "number"],
  string: ["text"],
  array: ["list"],
  object: ["object"],
};

const deepest = 40;

export function kindOf(value: Json): Kind {
  if (value === null) return "null";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "string") return "text";
  if (Array.isArray(value)) return "list";
  if (typeof value === "number" || isLosslessNumber(value)) {
    return /^-?\d+$/.test(String(value)) ? "integer" : "number";
  }
  return "object";
}

/** The mark by which an object is a formula or a quoted value, if it has one. */
export function markerOf(value: Json | undefined): "$expr" | "$text" | "$value" | null {
  if (!isObject(value)) return null;
  return (["$expr", "$text", "$value"] as const).find((name) => Object.hasOwn(value, name)) ?? null;
}

/** Every difference between a value and a schema; a formula fits wherever its result could. */
export function compare(value: Json, root: JsonSchema): Difference[] {
  const found: Difference[] = [];
  new Comparison(root, found, true).compare(value, root, []);
  return found;
}

class Comparison {
  constructor(
    private readonly root: JsonSchema,
    private readonly found: Difference[],
    private readonly templates: boolean,
  ) {}

  private add(path: Path, kind: string, params: JsonObject = {}): void {
    this.found.push({ path, kind, params });
  }

  compare(value: Json, given: JsonSchema, path: Path): void {
    const schema = this.resolve(given);
    if (path.length > deepest) return;
    const marker = this.templates ? markerOf(value) : null;
    if (marker !== null) this.compareTemplate(value as JsonObject, marker, schema, path);
    else if (Array.isArray(schema.anyOf)) this.compareAny(value, branchesOf(schema), path);
    else this.compareValue(value, schema, path);
  }

  private compareValue(value: Json, schema: JsonSchema, path: Path): void {
    if (schema.enum !== undefined || schema.const !== undefined) {
      const choices = Array.isArray(schema.enum) ? schema.enum : [schema.const ?? null];
      const fits = choices.some((it) => kindOf(it) === kindOf(value) && same(it, value));
      if (!fits) this.add(path, "choice", { choices: choices.map(spell) });
      return;
    }
    const kind = kindOf(value);
    const accepted = acceptedBy(schema);
    if (accepted.length > 0 && !accepted.includes(kind)) {
      this.add(path, "type", { kind, wanted: this.wanted(schema) });
    } else if (isObject(value)) this.compareObject(value, schema, path);
    else if (Array.isArray(value)) this.compareList(value, schema, path);
    else if (typeof value === "string") this.compareText(value, schema, path);
    else if (kind === "integer" || kind === "number") this.compareNumber(value, schema, path);
  }

  private compareTemplate(value: JsonObject, marker: string, schema: JsonSchema, path: Path) {
    if (isFixed(schema)) this.add(path, "fixed");
    else if (marker === "$text" && !this.takesText(schema)) {
      this.add(path, "type", { kind: "text", wanted: this.wanted(schema) });
    } else if (marker === "$value") {
      const literal = new Comparison(this.root, this.found, false);
      literal.compare(value.$value ?? null, schema, [...path, "$value"]);
    }
  }

  private compareObject(value: JsonObject, schema: JsonSchema, path: Path): void {
    const properties = isObject(schema.properties) ? schema.properties : {};
    const rest = schema.additionalProperties;
    for (const name of Array.isArray(schema.required) ? schema.required : []) {
      if (value[String(name)] === undefined) this.add([...path, String(name)], "missing");
    }
    this.compareGroups(value, properties, path);
    for (const [name, item] of Object.entries(value)) {
      const field = properties[name];
      if (isObject(field)) this.compare(item, field, [...path, name]);
      else if (rest === false) {
        this.add([...path, name], "unknown", { known: Object.keys(properties) });
      } else if (isObject(rest)) this.compare(item, rest, [...path, name]);
    }
  }

  private compareGroups(value: JsonObject, properties: JsonObject, path: Path): void {
    const groups = new Map<string, { rule: string; names: string[] }>();
    for (const [name, schema] of Object.entries(properties)) {
      const hint = isObject(schema) && isObject(schema["x-tramo"]) ? schema["x-tramo"] : {};
      for (const rule of ["one_of", "at_most_one_of"]) {
        if (typeof hint[rule] !== "string") continue;
        const key = `${rule} ${hint[rule]}`;
        const group = groups.get(key) ?? { rule, names: [] };
        group.names.push(name);
        groups.set(key, group);
      }
    }
    for (const { rule, names } of groups.values()) {
      const given = names.filter((name) => (value[name] ?? null) !== null).length;
      if (given > 1 || (given === 0 && rule === "one_of")) {
        this.add(path, rule, { choices: names });
      }
    }
  }

  private compareList(value: Json[], schema: JsonSchema, path: Path): void {
    const { minItems: low, maxItems: high } = schema;
    if (low !== undefined && value.length < Number(low)) this.add(path, "few", { low });
    if (high !== undefined && value.length > Number(high)) this.add(path, "many", { high });
    const first = Array.isArray(schema.prefixItems) ? schema.prefixItems : [];
    value.forEach((item, index) => {
      const inner = index < first.length ? first[index] : schema.items;
      if (isObject(inner)) this.compare(item, inner, [...path, index]);
    });
  }

  /** Judges by the branch that comes nearest; none of the right kind is one difference. */
  private compareAny(value: Json, branches: JsonSchema[], path: Path): void {
    let nearest: Difference[] | null = null;
    for (const branch of branches) {
      const resolved = this.resolve(branch);
      const found: Difference[] = [];
      new Comparison(this.root, found, this.templates).compare(value, resolved, path);
      if (found.length === 0) return;
      const accepted = acceptedBy(resolved);
      const fits = accepted.length === 0 || accepted.includes(kindOf(value));
      if (fits && (nearest === null || found.length < nearest.length)) nearest = found;
    }
    if (nearest) this.found.push(...nearest);
    else {
      this.add(path, "type", { kind: kindOf(value), wanted: this.wanted({ anyOf: branches }) });
    }
  }

  private compareText(value: string, schema: JsonSchema, path: Path): void {
    const length = [...value].length;
    const { minLength: low, maxLength: high, pattern } = schema;
    if (low !== undefined && length < Number(low)) {
      if (length === 0) this.add(path, "empty");
      else this.add(path, "short", { low });
    } else if (high !== undefined && length > Number(high)) this.add(path, "long", { high });
    else if (typeof pattern === "string" && !matches(pattern, value)) {
      this.add(path, "pattern", { pattern, found: value.slice(0, 60) });
    } else if (pattern === undefined && schema.format === "decimal" && !isDecimal(value)) {
      this.add(path, "type", { kind: "text", wanted: ["number"] });
    }
  }

  private compareNumber(value: Json, schema: JsonSchema, path: Path): void {
    const number = Number(value);
    const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below } = schema;
    if (minimum !== undefined && number < Number(minimum)) this.add(path, "low", { low: minimum });
    else if (maximum !== undefined && number > Number(maximum)) {
      this.add(path, "high", { high: maximum });
    } else if (above !== undefined && number <= Number(above)) {
      this.add(path, "above", { low: above });
    } else if (below !== undefined && number >= Number(below)) {
      this.add(path, "below", { high: below });
    }
  }

  private takesText(given: JsonSchema): boolean {
    const schema = this.resolve(given);
    if (Array.isArray(schema.anyOf)) return branchesOf(schema).some((it) => this.takesText(it));
    const accepted = acceptedBy(schema);
    return accepted.length === 0 || accepted.includes("text");
  }

  /** The words for the kinds that a schema takes; none when it takes any. */
  private wanted(given: JsonSchema): string[] {
    const schema = this.resolve(given);
    if (Array.isArray(schema.anyOf)) {
      const branches = branchesOf(schema).map((it) => this.wanted(it));
      if (branches.some((it) => it.length === 0)) return [];
      const words = [...new Set(branches.flat())];
      return words.filter((word) => !(word === "integer" && words.includes("number")));
    }
    if (Array.isArray(schema.enum)) return [...new Set(schema.enum.map(kindOf))];
    if (schema.format === "decimal") return ["number"];
    return typesIn(schema).map((it) => ({ string: "text", array: "list" })[it] ?? it);
  }

  private resolve(given: JsonSchema): JsonSchema {
    let schema = given;
    const definitions = isObject(this.root.$defs) ? this.root.$defs : {};
    for (let depth = 0; typeof schema.$ref === "string" && depth < 20; depth += 1) {
      const target = definitions[schema.$ref.split("/").at(-1) ?? ""];
      schema = isObject(target) ? target : {};
    }
    return schema;
  }
}

function branchesOf(schema: JsonSchema): JsonSchema[] {
  return Array.isArray(schema.anyOf) ? schema.anyOf.filter(isObject) : [];
}

function typesIn({ type }: JsonSchema): string[] {
  const names = Array.isArray(type) ? type : [type];
  return names.filter((name): name is string => typeof name === "string");
}

function acceptedBy(schema: JsonSchema): Kind[] {
  if (Array.isArray(schema.enum)) return [...new Set(schema.enum.map(kindOf))];
  if (schema.format === "decimal") return ["integer", "number", "text"];
  return typesIn(schema).flatMap((name) => kinds[name] ?? []);
}

/** Whether a value, or a field of it, must be written out: it is needed before any run. */
function isFixed(schema: JsonSchema): boolean {
  const fields = isObject(schema.properties) ? Object.values(schema.properties) : [];
  return [schema, ...fields].some(
    (part) => isObject(part) && isObject(part["x-tramo"]) && part["x-tramo"].fixed === true,
  );
}

function same(left: Json, right: Json): boolean {
  return isObject(left) || Array.isArray(left) ? false : String(left) === String(right);
}

const spell = (value: Json): Json =>
  typeof value === "string" || value === null ? value : String(value);

const isDecimal = (text: string) => /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(text);

const patterns = new Map<string, RegExp | null>();

/** A pattern that the browser cannot read forbids nothing here: the server knows. */
function matches(source: string, value: string): boolean {
  let pattern = patterns.get(source);
  if (pattern === undefined) {
    try {
      pattern = new RegExp(source, "u");
    } catch {
      pattern = null;
    }
    patterns.set(source, pattern);
  }
  return pattern === null || pattern.test(value);
}

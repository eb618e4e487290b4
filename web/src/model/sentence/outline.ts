/** A flow as an outline that people can read from the top: numbered steps, ways, loops, joins. */
import {
  defaultPort,
  errorPort,
  type FlowDocument,
  type FlowEdge,
  type FlowNode,
  portOf,
} from "../flow";
import { isTrigger, type NodeTypes, outputPorts, ownPortNames } from "../port";
import { boxesOf, type Order, orderOf } from "./order";

export interface Step {
  kind: "step";
  id: string;
  number: string;
  /** Ways out that are told below it, before what follows it. */
  ways: Way[];
  /** Whom it goes on to that is told elsewhere, by the way out that needs no name. */
  jumps: string[];
  /** Where several come together here: whom it follows. */
  after: string[];
  /** The way ends here, though more is told after it. */
  ends: boolean;
}

export interface Way {
  kind: "way";
  /** Null for what a loop does with each item. */
  port: string | null;
  number: string;
  items: Item[];
  jumps: string[];
}

/** Things that begin side by side; at the start of a flow, the triggers: one of them happens. */
export interface Side {
  kind: "side";
  number: string;
  starts: boolean;
  tracks: Item[][];
}

export type Item = Step | Side;

export interface Outline {
  items: Item[];
  /** What no trigger leads to, numbered on. */
  loose: Item[];
  /** Every step by its node, in reading order. */
  steps: ReadonlyMap<string, Step>;
}

/** The way out by which a node is simply followed; null where each way has a meaning of its own. */
export function mainPort(node: FlowNode, types: NodeTypes): string | null {
  const type = types.get(node.type);
  if (!type) return defaultPort;
  const own = ownPortNames(node, type);
  const names = type.ports.map((port) => port.name).filter((name) => !own.includes(name));
  return [defaultPort, "done"].find((name) => names.includes(name)) ?? null;
}

/** Whether a node does something again and again: what stands inside it is told below it. */
export function isLoop(node: FlowNode): boolean {
  return node.type === "core.for_each";
}

export function outlineOf(flow: FlowDocument, types: NodeTypes): Outline {
  return new Teller(flow, types).tell();
}

class Teller {
  private readonly nodes: Map<string, FlowNode>;
  private readonly leaving = new Map<string, FlowEdge[]>();
  private readonly entering = new Map<string, FlowEdge[]>();
  private readonly boxes: Map<string, string | null>;
  private readonly orders = new Map<string | null, Order>();
  /** What is told under a node, a way or the start of a box, in reading order. */
  private readonly below = new Map<string, string[]>();
  private readonly steps = new Map<string, Step>();
  private readonly place = new Map<string, number>();

  constructor(
    flow: FlowDocument,
    private readonly types: NodeTypes,
  ) {
    this.nodes = new Map(flow.nodes.map((node) => [node.id, node]));
    this.boxes = boxesOf(flow);
    for (const edge of flow.edges) {
      if (!this.nodes.has(edge.from) || !this.nodes.has(edge.to)) continue;
      push(this.leaving, edge.from, edge);
      push(this.entering, edge.to, edge);
    }
    const inside = new Map<string | null, string[]>([[null, []]]);
    for (const id of this.nodes.keys()) push(inside, this.boxes.get(id) ?? null, id);
    for (const [box, ids] of inside) {
      const order = orderOf(
        ids,
        ids.flatMap((id) => this.leaving.get(id) ?? []),
      );
      this.orders.set(box, order);
      for (const id of order.ids) {
        this.place.set(id, this.place.size);
        const under = order.under.get(id);
        push(this.below, keyOf(under?.node ?? box, under?.node ? under.port : bodyKey), id);
      }
    }
  }

  tell(): Outline {
    const roots = this.below.get(keyOf(null, bodyKey)) ?? [];
    const [joined, loose] = this.partRoots(roots);
    const items: Item[] = [];
    this.list(items, joined, "", false);
    const rest: Item[] = [];
    this.list(rest, loose, "", false, items.length);
    this.dropPlain(items);
    this.dropPlain(rest);
    return { items, loose: rest, steps: this.steps };
  }

  /** Parts what has to do with a trigger from what has not. */
  private partRoots(roots: string[]): [string[], string[]] {
    const group = new Map(roots.map((id) => [id, id]));
    const find = (id: string): string => {
      let at = id;
      while (group.get(at) !== at) at = group.get(at) as string;
      group.set(id, at);
      return at;
    };
    for (const [from, to] of this.links(roots)) group.set(find(from), find(to));
    const triggers = roots.filter((id) =>
      isTrigger(this.types.get(this.nodes.get(id)?.type ?? "")),
    );
    const begun = new Set(triggers.map(find));
    return [roots.filter((id) => begun.has(find(id))), roots.filter((id) => !begun.has(find(id)))];
  }

  /** Tells siblings one after another where they follow each other, else side by side. */
  private list(
    into: Item[],
    siblings: string[],
    prefix: string,
    followed: boolean,
    numbered = 0,
  ): void {
    // A loop instead of recursion along a chain: flows are long rather than deep.
    let rest = siblings;
    while (rest.length > 0) {
      const ordered = [...rest].sort((one, other) => this.placeOf(one) - this.placeOf(other));
      const alone = this.meetings(ordered);
      let at = 0;
      rest = [];
      while (at < ordered.length) {
        const id = ordered[at] as string;
        const last = at === ordered.length - 1;
        const number = prefix + (numbered + into.length + 1);
        if (alone.has(id)) {
          const followers = this.followers(id);
          at += 1;
          const more = followed || !last || followers.length > 0;
          into.push(this.step(id, number, more));
          if (last) rest = followers;
          else this.list(into, followers, prefix, true, numbered);
          continue;
        }
        const beside: string[] = [];
        while (at < ordered.length && !alone.has(ordered[at] as string)) {
          beside.push(ordered[at] as string);
          at += 1;
        }
        into.push(this.side(beside, number, followed || at < ordered.length));
      }
    }
  }

  private side(ids: string[], number: string, followed: boolean): Side {
    const starts = ids.some((id) => isTrigger(this.types.get(this.nodes.get(id)?.type ?? "")));
    const tracks = ids.map((id, index) => {
      const own = number + letters(index);
      const items: Item[] = [];
      this.list(items, [id], `${own}.`, followed);
      const [only] = items;
      if (items.length === 1 && only?.kind === "step" && only.ways.length === 0) only.number = own;
      return items;
    });
    return { kind: "side", number, starts, tracks };
  }

  private step(id: string, number: string, followed: boolean): Step {
    const node = this.nodes.get(id) as FlowNode;
    const main = mainPort(node, this.types);
    const leading = this.entering.get(id) ?? [];
    const sources = [...new Set(leading.map((edge) => edge.from))];
    const jumps = main === null ? [] : this.jumps(id, main);
    const followers = this.followers(id);
    const step: Step = {
      kind: "step",
      id,
      number,
      ways: [],
      jumps,
      after: sources.length > 1 ? sources.sort((a, b) => this.placeOf(a) - this.placeOf(b)) : [],
      ends: followed && (this.leaving.get(id) ?? []).length === 0 && main !== null,
    };
    this.steps.set(id, step);
    if (isLoop(node) || this.below.has(keyOf(id, bodyKey))) {
      const body: Item[] = [];
      this.list(body, this.below.get(keyOf(id, bodyKey)) ?? [], `${number}.`, false);
      step.ways.push({ kind: "way", port: null, number, items: body, jumps: [] });
    }
    this.ports(node, main).forEach((port, index) => {
      const own = number + letters(index);
      const items: Item[] = [];
      const ahead = followed || followers.length > 0;
      this.list(items, this.below.get(keyOf(id, port)) ?? [], `${own}.`, ahead);
      step.ways.push({ kind: "way", port, number: own, items, jumps: this.jumps(id, port) });
    });
    return step;
  }

  /** The ways that are told below a node: those in use, and those that nobody must overlook. */
  private ports(node: FlowNode, main: string | null): string[] {
    const used = new Set((this.leaving.get(node.id) ?? []).map(portOf));
    const type = this.types.get(node.type);
    const known = outputPorts(node, type).map((port) => port.name);
    const own = ownPortNames(node, type);
    const shown = known.filter((name) => {
      if (name === main) return false;
      if (used.has(name) || own.includes(name) || name === errorPort) return true;
      if (name === "late") return node.params?.timeout_s != null;
      return main === null;
    });
    return [...shown, ...[...used].filter((name) => name !== main && !known.includes(name))];
  }

  /** What is told after a node in its own list. */
  private followers(id: string): string[] {
    const node = this.nodes.get(id) as FlowNode;
    const main = mainPort(node, this.types);
    const next = main === null ? [] : (this.below.get(keyOf(id, main)) ?? []);
    return [...next, ...(this.below.get(keyOf(id, null)) ?? [])];
  }

  /** Takes out the jumps that need no words, for what they lead to is said right after. */
  private dropPlain(items: Item[]): void {
    for (const [index, item] of items.entries()) {
      const inner = item.kind === "side" ? item.tracks : item.ways.map((way) => way.items);
      for (const list of inner) this.dropPlain(list);
      const next = items[index + 1];
      if (item.kind !== "step" || next?.kind !== "step") continue;
      item.jumps = item.jumps.filter((id) => id !== next.id);
    }
  }

  /** Whom a way leads to that is not told right below it. */
  private jumps(id: string, port: string): string[] {
    const below = new Set((this.below.get(keyOf(id, port)) ?? []).filter((it) => !this.joins(it)));
    return (this.leaving.get(id) ?? [])
      .filter((edge) => portOf(edge) === port && !below.has(edge.to))
      .map((edge) => edge.to);
  }

  /** Whether several edges come together at a node. */
  private joins(id: string): boolean {
    const odd = this.orders.get(this.boxes.get(id) ?? null)?.odd;
    return (this.entering.get(id) ?? []).filter((edge) => !odd?.has(edge)).length > 1;
  }

  private placeOf(id: string): number {
    return this.place.get(id) ?? 0;
  }

  /** The edges between what siblings hold, as pairs of siblings. */
  private links(siblings: string[]): [string, string][] {
    const among = new Set(siblings);
    const links: [string, string][] = [];
    for (const to of siblings) {
      const odd = this.orders.get(this.boxes.get(to) ?? null)?.odd;
      for (const edge of this.entering.get(to) ?? []) {
        if (odd?.has(edge)) continue;
        const from = this.holder(edge.from, among);
        if (from !== null && from !== to) links.push([from, to]);
      }
    }
    return links;
  }

  private holder(id: string, among: ReadonlySet<string>): string | null {
    let at: string | null = id;
    while (at !== null && !among.has(at)) {
      at = this.orders.get(this.boxes.get(at) ?? null)?.under.get(at)?.node ?? null;
    }
    return at;
  }

  /** Those of ordered siblings that all others come before or after: there everything meets. */
  private meetings(ordered: string[]): Set<string> {
    if (ordered.length === 1) return new Set(ordered);
    const links = this.links(ordered);
    const forwards = lone(ordered, links);
    const backwards = lone(
      [...ordered].reverse(),
      links.map(([from, to]) => [to, from]),
    );
    return new Set(ordered.filter((id) => forwards.has(id) && backwards.has(id)));
  }
}

/** Those that are the only one ready when it is their turn. */
function lone(ordered: string[], links: [string, string][]): Set<string> {
  const waits = new Map<string, number>();
  const next = new Map<string, string[]>();
  for (const [from, to] of links) {
    waits.set(to, (waits.get(to) ?? 0) + 1);
    push(next, from, to);
  }
  let ready = ordered.filter((id) => !waits.get(id)).length;
  const found = new Set<string>();
  for (const id of ordered) {
    if (ready === 1) found.add(id);
    ready -= 1;
    for (const to of next.get(id) ?? []) {
      const left = (waits.get(to) ?? 0) - 1;
      waits.set(to, left);
      if (left === 0) ready += 1;
    }
  }
  return found;
}

const bodyKey = "\n";
const keyOf = (node: string | null, port: string | null) => `${node ?? ""} ${port ?? ""}`;

function push<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** a to z, then aa, ab and so on. */
export function letters(index: number): string {
  const rest = Math.floor(index / 26);
  return (rest > 0 ? letters(rest - 1) : "") + String.fromCharCode(97 + (index % 26));
}

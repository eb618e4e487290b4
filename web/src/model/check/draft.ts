/** A flow as a check looks at it: places in the document, types, and how nodes hang together. */

import type { NodeType } from "~/api/contract";
import type { JsonObject } from "~/api/json";
import type { FlowDocument, FlowNode } from "../flow";
import { pointerTo } from "../pointer";
import type { NodeTypes } from "../port";
import { titleOfNode } from "../title";

/** One thing that is wrong, before it is told: the server gives the same code at the same place. */
export interface Finding {
  path: string;
  code: string;
  level: "error" | "warning";
  params: JsonObject;
}

export interface Placed {
  index: number;
  node: FlowNode;
  /** Null where it is not installed, or not in the version that the node was made with. */
  type: NodeType | null;
  title: string;
}

/** What may be run all the same. */
const warnings: ReadonlySet<string> = new Set([
  "edge.after_end",
  "expression.reads_disabled",
  "loop.empty",
  "node.connection_missing",
  "node.connection_unused",
  "node.error_port_unused",
  "node.merge_single",
  "node.respond_unheard",
  "node.unreachable",
  "webhook.respond_missing",
]);

export class Draft {
  readonly nodes: Placed[];
  /** Of doubled ids the first. */
  readonly byId = new Map<string, Placed>();
  readonly before: number[][];
  readonly after: number[][];
  readonly found: Finding[] = [];
  private sets: Uint32Array[] | null = null;

  constructor(
    readonly flow: FlowDocument,
    readonly types: NodeTypes,
  ) {
    this.nodes = flow.nodes.map((node, index) => {
      const known = types.get(node.type);
      const type = known && (node.v ?? 1) === known.v ? known : null;
      return { index, node, type, title: titleOfNode(node, known) };
    });
    for (const placed of this.nodes) {
      if (!this.byId.has(placed.node.id)) this.byId.set(placed.node.id, placed);
    }
    this.before = this.nodes.map(() => []);
    this.after = this.nodes.map(() => []);
    for (const { from, to } of flow.edges) {
      const [start, end] = [this.byId.get(from), this.byId.get(to)];
      if (!start || !end || start === end) continue;
      this.after[start.index]?.push(end.index);
      this.before[end.index]?.push(start.index);
    }
  }

  add(
    path: (string | number)[],
    code: string,
    params: JsonObject = {},
    { warning = false }: { warning?: boolean } = {},
  ): void {
    const level = warning || warnings.has(code) ? "warning" : "error";
    this.found.push({ path: pointerTo(...path), code, level, params });
  }

  find(id: string | undefined): Placed | undefined {
    return id === undefined ? undefined : this.byId.get(id);
  }

  /** The loops around a node, innermost first. */
  around(placed: Placed): Placed[] {
    const found: Placed[] = [];
    let box = this.find(placed.node.inside);
    while (box && box !== placed && !found.includes(box)) {
      found.push(box);
      box = this.find(box.node.inside);
    }
    return found;
  }

  /** Every node behind all that lead to it; those in or behind a circle are left out. */
  order(): number[] {
    const open = this.before.map((starts) => starts.length);
    const order = open.flatMap((count, at) => (count === 0 ? [at] : []));
    for (const at of order) {
      for (const end of this.after[at] ?? []) {
        open[end] = (open[end] ?? 0) - 1;
        if (open[end] === 0) order.push(end);
      }
    }
    return order;
  }

  /** Whether a node comes before another; in or behind a circle everything does. */
  isBefore(one: Placed, other: Placed): boolean {
    this.sets ??= this.ancestors();
    const word = this.sets[other.index]?.[one.index >> 5] ?? 0;
    return ((word >>> (one.index & 31)) & 1) === 1;
  }

  private ancestors(): Uint32Array[] {
    const words = (this.nodes.length >> 5) + 1;
    const sets = this.nodes.map(() => new Uint32Array(words).fill(0xffffffff));
    for (const at of this.order()) {
      const own = (sets[at] as Uint32Array).fill(0);
      for (const start of this.before[at] ?? []) {
        const theirs = sets[start] as Uint32Array;
        for (let word = 0; word < words; word += 1) {
          own[word] = (own[word] ?? 0) | (theirs[word] ?? 0);
        }
        own[start >> 5] = (own[start >> 5] ?? 0) | (1 << (start & 31));
      }
    }
    return sets;
  }

  /** The nodes that some path leads to: those in a loop with their box, unless an edge leads there. */
  reach(starts: number[]): Set<number> {
    const inner = new Map<number, number[]>();
    for (const { node, index } of this.nodes) {
      const box = this.find(node.inside);
      if (!box || this.before[index]?.length !== 0) continue;
      inner.set(box.index, [...(inner.get(box.index) ?? []), index]);
    }
    const reached = new Set(starts);
    for (const at of reached) {
      for (const end of [...(this.after[at] ?? []), ...(inner.get(at) ?? [])]) reached.add(end);
    }
    return reached;
  }
}

/** A flow as a check looks at it: places in the document, types, and how nodes hang together. */

import type { NodeType } from "~/api/contract";
import type { JsonObject } from "~/api/json";
import type { FlowDocument, FlowNode } from "../flow";
import { pointerTo } from "../pointer";
import type { NodeTypes } from "../port";
import { titleOfNode } from "../title";
import { type Wiring, wiringOf } from "./wiring";

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
  readonly before: readonly number[][];
  readonly after: readonly number[][];
  readonly found: Finding[] = [];
  private readonly wiring: Wiring;

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
    this.wiring = wiringOf(flow);
    this.before = this.wiring.before;
    this.after = this.wiring.after;
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
  order(): readonly number[] {
    return this.wiring.order;
  }

  /** Whether a node comes before another; in or behind a circle everything does. */
  isBefore(one: Placed, other: Placed): boolean {
    return this.wiring.isBefore(one.index, other.index);
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

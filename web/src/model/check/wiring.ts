/** How a flow's nodes hang together, by their indexes; found out once as long as no edge changes. */
import type { FlowDocument, FlowEdge, FlowNode } from "../flow";

const known = new WeakMap<FlowEdge[], Wiring>();

/** The wiring of a flow: what is typed into its nodes leaves it as it is. */
export function wiringOf(flow: FlowDocument): Wiring {
  const before = known.get(flow.edges);
  if (before?.isOf(flow.nodes)) return before;
  const wiring = new Wiring(flow);
  known.set(flow.edges, wiring);
  return wiring;
}

export class Wiring {
  readonly before: readonly number[][];
  readonly after: readonly number[][];
  /** Every node behind all that lead to it; those in or behind a circle are left out. */
  readonly order: number[];
  private readonly ids: string[];
  private sets: Uint32Array[] | null = null;

  constructor({ nodes, edges }: FlowDocument) {
    this.ids = nodes.map((node) => node.id);
    const places = new Map<string, number>();
    this.ids.forEach((id, index) => {
      if (!places.has(id)) places.set(id, index);
    });
    this.before = nodes.map(() => []);
    this.after = nodes.map(() => []);
    for (const { from, to } of edges) {
      const [start, end] = [places.get(from), places.get(to)];
      if (start === undefined || end === undefined || start === end) continue;
      this.after[start]?.push(end);
      this.before[end]?.push(start);
    }
    this.order = this.inOrder();
  }

  isOf(nodes: FlowNode[]): boolean {
    return nodes.length === this.ids.length && nodes.every(({ id }, at) => id === this.ids[at]);
  }

  private inOrder(): number[] {
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
  isBefore(one: number, other: number): boolean {
    this.sets ??= this.ancestors();
    const word = this.sets[other]?.[one >> 5] ?? 0;
    return ((word >>> (one & 31)) & 1) === 1;
  }

  private ancestors(): Uint32Array[] {
    const words = (this.ids.length >> 5) + 1;
    const sets = this.ids.map(() => new Uint32Array(words).fill(0xffffffff));
    for (const at of this.order) {
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
}

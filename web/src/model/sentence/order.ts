/**
 * In which order a flow is read, and what stands under what: topological order and dominators.
 *
 * A node is told under the last thing that every way to it passes, which is either one way out of
 * a node or the node itself, where several of its ways meet again. The order is Kahn's with ties by
 * document order, as steps are run. A document that breaks the rules is ordered all the same: edges
 * in a circle and across the border of a loop order nothing.
 */
import { type FlowDocument, type FlowEdge, type FlowNode, portOf } from "../flow";

/** A place in the tree: the start of a box (null), a node, or one way out of a node. */
export interface Under {
  node: string | null;
  port: string | null;
}

export interface Order {
  /** Every node of the box, each after all that lead to it. */
  ids: string[];
  /** Under what each node is told. */
  under: ReadonlyMap<string, Under>;
  /** The edges that order nothing here: in a circle, or out of the box. */
  odd: ReadonlySet<FlowEdge>;
}

/** The loop in which a node is told; a badly nested one is told outside of all. */
export function boxesOf(flow: FlowDocument): Map<string, string | null> {
  const nodes = new Map(flow.nodes.map((node) => [node.id, node]));
  const boxes = new Map<string, string | null>();
  for (const node of flow.nodes) {
    const seen = new Set<string>([node.id]);
    let at: FlowNode | undefined = node;
    while (at?.inside !== undefined) {
      at = seen.has(at.inside) ? undefined : nodes.get(at.inside);
      if (at) seen.add(at.id);
    }
    boxes.set(node.id, at ? (node.inside ?? null) : null);
  }
  return boxes;
}

/** Orders the nodes of one box, given in document order, and the edges between them. */
export function orderOf(ids: readonly string[], edges: readonly FlowEdge[]): Order {
  const place = new Map(ids.map((id, index) => [id, index]));
  const into = new Map<string, FlowEdge[]>(ids.map((id) => [id, []]));
  const odd = new Set<FlowEdge>();
  for (const edge of edges) {
    const fits = place.has(edge.from) && place.has(edge.to) && edge.from !== edge.to;
    if (fits) into.get(edge.to)?.push(edge);
    else odd.add(edge);
  }
  const sorted = sort(ids, into, odd);
  return { ids: sorted, under: dominators(sorted, into, odd), odd };
}

function sort(
  ids: readonly string[],
  into: ReadonlyMap<string, FlowEdge[]>,
  odd: Set<FlowEdge>,
): string[] {
  const place = new Map(ids.map((id, index) => [id, index]));
  const waits = new Map(ids.map((id) => [id, into.get(id)?.length ?? 0]));
  const out = new Map<string, FlowEdge[]>(ids.map((id) => [id, []]));
  for (const list of into.values()) for (const edge of list) out.get(edge.from)?.push(edge);
  const ready = ids.filter((id) => waits.get(id) === 0);
  const done = new Set<string>();
  const sorted: string[] = [];
  while (sorted.length < ids.length) {
    let id = ready.shift();
    if (id === undefined) {
      // A circle: it is entered where the document names it first.
      id = ids.find((it) => !done.has(it)) as string;
      for (const edge of into.get(id) ?? []) if (!done.has(edge.from)) odd.add(edge);
    }
    done.add(id);
    sorted.push(id);
    for (const edge of out.get(id) ?? []) {
      if (odd.has(edge) || done.has(edge.to)) continue;
      const left = (waits.get(edge.to) ?? 0) - 1;
      waits.set(edge.to, left);
      if (left === 0) insert(ready, edge.to, place);
    }
  }
  return sorted;
}

function insert(ready: string[], id: string, place: ReadonlyMap<string, number>): void {
  const at = place.get(id) ?? 0;
  let index = ready.length;
  while (index > 0 && (place.get(ready[index - 1] as string) ?? 0) > at) index -= 1;
  ready.splice(index, 0, id);
}

interface Stem {
  under: Under;
  parent: Stem | null;
  depth: number;
}

function dominators(
  sorted: readonly string[],
  into: ReadonlyMap<string, FlowEdge[]>,
  odd: ReadonlySet<FlowEdge>,
): Map<string, Under> {
  const root: Stem = { under: { node: null, port: null }, parent: null, depth: 0 };
  const nodes = new Map<string, Stem>();
  const ways = new Map<string, Stem>();
  const wayOf = (edge: FlowEdge): Stem => {
    const key = `${edge.from} ${portOf(edge)}`;
    const found = ways.get(key);
    if (found) return found;
    const parent = nodes.get(edge.from) ?? root;
    const under = { node: edge.from, port: portOf(edge) };
    const way = { under, parent, depth: parent.depth + 1 };
    ways.set(key, way);
    return way;
  };
  const told = new Map<string, Under>();
  for (const id of sorted) {
    const leading = (into.get(id) ?? []).filter((edge) => !odd.has(edge)).map(wayOf);
    const parent = leading.reduce<Stem | null>((near, way) => (near ? meet(near, way) : way), null);
    const above = parent ?? root;
    nodes.set(id, { under: { node: id, port: null }, parent: above, depth: above.depth + 1 });
    told.set(id, above.under);
  }
  return told;
}

function meet(left: Stem, right: Stem): Stem {
  let [one, other] = [left, right];
  while (one !== other) {
    if (one.depth >= other.depth) one = one.parent as Stem;
    else other = other.parent as Stem;
  }
  return one;
}

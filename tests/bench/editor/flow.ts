/** Flows of any size, mixed as people mix them: few triggers, many steps, a branch in every tenth. */

export type Node = { id: string; type: string; params?: unknown; label?: string };
export type Edge = { from: string; to: string; port?: string };

const columns = 40;
const across = 336;
const down = 132;

function nodeOf(index: number): Node {
  const id = `n${index}`;
  if (index === 0) return { id, type: "core.manual" };
  const label = `Step ${index}`;
  if (index % 10 === 5) {
    const rules = [{ port: "big", when: { $expr: `n0.total > ${index}` } }];
    return { id, type: "core.branch", label, params: { rules } };
  }
  if (index % 10 === 3) {
    const message = { $text: `Order {{ n0.id }} at step ${index}` };
    return { id, type: "core.log", label, params: { message } };
  }
  return { id, type: "core.set", label, params: { fields: { at: { $expr: "n0.id" } } } };
}

/** A flow of `count` nodes in rows of 40; each row starts from the one before it. */
export function bigFlow(id: string, count: number) {
  const nodes = Array.from({ length: count }, (_, index) => nodeOf(index));
  const edges: Edge[] = [];
  const layout: Record<string, [number, number]> = {};
  nodes.forEach((node, index) => {
    const [row, column] = [Math.floor(index / columns), index % columns];
    layout[node.id] = [column * across, row * down];
    if (index === 0) return;
    const before = column === 0 ? index - columns : index - 1;
    const port = nodes[before]?.type === "core.branch" ? { port: "big" } : {};
    edges.push({ from: `n${before}`, to: node.id, ...port });
  });
  return { format: 1, id, name: `${count} nodes`, nodes, edges, layout };
}

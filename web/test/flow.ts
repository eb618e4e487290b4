/** Flows made at random for the laws that every flow keeps: many ways, loops in loops, loose ends. */
import fc from "fast-check";
import { makeEdge, refuseEdge } from "~/model/edge";
import type { FlowDocument, FlowNode } from "~/model/flow";
import { nodeTypesOf, outputPorts } from "~/model/port";
import { catalog } from "./catalog";

const types = nodeTypesOf(catalog);
const kinds = ["core.set", "core.set", "core.branch", "core.for_each", "core.manual", "shop.gone"];

const nodeMade = fc.record({
  kind: fc.constantFrom(...kinds),
  box: fc.nat(7),
  failing: fc.boolean(),
});

function nodesOf(made: { kind: string; box: number; failing: boolean }[]): FlowNode[] {
  const loops: string[] = [];
  return made.map(({ kind, box, failing }, index): FlowNode => {
    const id = `n${index}`;
    const inside = kind === "core.manual" ? undefined : loops[box];
    if (kind === "core.for_each") loops.push(id);
    return {
      id,
      type: kind,
      ...(inside !== undefined && { inside }),
      ...(failing && kind === "core.set" && { on_error: "branch" as const }),
      ...(kind === "core.branch" && {
        params: { rules: ["x", "y"].map((port) => ({ port, when: true })) },
      }),
    };
  });
}

/** A flow without errors of structure: every edge of it could be drawn. */
export const flowMade: fc.Arbitrary<FlowDocument> = fc
  .record({
    nodes: fc.array(nodeMade, { minLength: 1, maxLength: 14 }),
    edges: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { maxLength: 30 }),
  })
  .map(({ nodes, edges }) => {
    let flow: FlowDocument = {
      format: 1,
      id: "flow_x",
      name: "x",
      nodes: nodesOf(nodes),
      edges: [],
    };
    const count = flow.nodes.length;
    for (const [from, to, port] of edges) {
      const source = flow.nodes[from % count] as FlowNode;
      const target = flow.nodes[to % count] as FlowNode;
      const ports = outputPorts(source, types.get(source.type));
      const edge = makeEdge(source.id, ports[port % ports.length]?.name ?? "out", target.id);
      if (!refuseEdge(flow, types, edge)) flow = { ...flow, edges: [...flow.edges, edge] };
    }
    return flow;
  });

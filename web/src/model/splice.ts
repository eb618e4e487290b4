/** Taking nodes out of a line and putting them into one, so that the line holds together. */
import { type Command, command } from "./command";
import { makeEdge, refuseEdge } from "./edge";
import { edgeKey, errorPort, type FlowDocument, type FlowEdge, findNode, portOf } from "./flow";
import { isTrigger, type NodeTypes, outputPorts } from "./port";

/** Where the only way on out of some nodes leads; none where several ports lead on. */
function waysOut(flow: FlowDocument, ids: ReadonlySet<string>): FlowEdge[] {
  const out = flow.edges.filter(
    (edge) => ids.has(edge.from) && !ids.has(edge.to) && portOf(edge) !== errorPort,
  );
  return new Set(out.map((edge) => `${edge.from}:${portOf(edge)}`)).size === 1 ? out : [];
}

/** The nodes of a set that a path through it alone reaches. */
function reachedWithin(flow: FlowDocument, ids: ReadonlySet<string>, from: string): Set<string> {
  const reached = new Set([from]);
  for (const id of reached) {
    for (const edge of flow.edges) if (edge.from === id && ids.has(edge.to)) reached.add(edge.to);
  }
  return reached;
}

/**
 * The flow with nodes taken out of their lines: what led to them leads on to what followed them.
 * Edges among them stay, and so do those that `cuts` does not ask for.
 */
export function detached(
  flow: FlowDocument,
  types: NodeTypes,
  ids: ReadonlySet<string>,
  cuts: (edge: FlowEdge) => boolean = () => true,
): FlowDocument {
  const leaves = (edge: FlowEdge) => ids.has(edge.from) !== ids.has(edge.to) && cuts(edge);
  const into = flow.edges.filter((edge) => leaves(edge) && ids.has(edge.to));
  const out = waysOut(flow, ids).filter(leaves);
  let next: FlowDocument = { ...flow, edges: flow.edges.filter((edge) => !leaves(edge)) };
  if (next.edges.length === flow.edges.length) return flow;
  for (const before of into) {
    const reached = reachedWithin(flow, ids, before.to);
    for (const after of out) {
      if (!reached.has(after.from)) continue;
      const healed = makeEdge(before.from, portOf(before), after.to);
      if (refuseEdge(next, types, healed)) continue;
      next = { ...next, edges: [...next.edges, healed] };
    }
  }
  return next;
}

export function detach(
  flow: FlowDocument,
  types: NodeTypes,
  ids: ReadonlySet<string>,
): Command | null {
  return command("edge.detach", flow, detached(flow, types, ids));
}

/** The flow with a node that stands in it put in the middle of an edge; null where it cannot be. */
export function spliced(
  flow: FlowDocument,
  types: NodeTypes,
  id: string,
  key: string,
): FlowDocument | null {
  const at = flow.edges.findIndex((edge) => edgeKey(edge) === key);
  const [cut, node] = [flow.edges[at], findNode(flow, id)];
  if (!cut || !node || isTrigger(types.get(node.type))) return null;
  const port = outputPorts(node, types.get(node.type))[0];
  const taken = flow.edges.some(
    (edge) => edge.to === id || (edge.from === id && portOf(edge) === port?.name),
  );
  if (!port || taken || cut.from === id || cut.to === id) return null;
  const open = { ...flow, edges: flow.edges.toSpliced(at, 1) };
  const into = { ...cut, to: id };
  if (refuseEdge(open, types, into)) return null;
  const led = { ...flow, edges: flow.edges.with(at, into) };
  const onward = makeEdge(id, port.name, cut.to);
  if (refuseEdge(led, types, onward)) return null;
  return { ...led, edges: [...led.edges, onward] };
}

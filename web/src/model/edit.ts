/** What can be done to a flow: each function gives the command that does it, or null for nothing. */
import type { Json } from "~/api/json";
import { type Command, type CommandId, command } from "./command";
import { makeEdge, refuseEdge } from "./edge";
import {
  edgeKey,
  errorPort,
  type FlowDocument,
  type FlowEdge,
  type FlowNode,
  findNode,
  nodeIndex,
  type Position,
  portOf,
} from "./flow";
import { fitFrames } from "./group";
import { freshNodeId } from "./node-id";
import { forgetNodes, notesOf, withoutNotes } from "./note";
import { betweenNodes, nodeWidth, shownPositions } from "./place";
import { writeAt } from "./pointer";
import { isTrigger, type NodeTypes, outputPorts, ownPortNames, startingParams } from "./port";
import { loopsAround, reaches } from "./reach";

export interface Added {
  command: Command | null;
  id: string;
}

function takenIds(flow: FlowDocument): Set<string> {
  return new Set(flow.nodes.map((node) => node.id));
}

function round([x, y]: Position): Position {
  return [Math.round(x), Math.round(y)];
}

function placed(flow: FlowDocument, places: Record<string, Position>): FlowDocument {
  const layout = { ...flow.layout };
  for (const [id, position] of Object.entries(places)) layout[id] = round(position);
  return { ...flow, layout };
}

/**
 * Adds a node, led into by `after` or leading to `before` where such an edge may be, in the loop
 * `inside` or in that of its neighbour.
 */
export function addNode(
  flow: FlowDocument,
  types: NodeTypes,
  type: string,
  position: Position,
  after?: { node: string; port: string },
  inside?: string,
  before?: string,
): Added {
  const id = freshNodeId(type, takenIds(flow));
  const version = types.get(type)?.v ?? 1;
  const neighbour = findNode(flow, after?.node ?? before ?? "");
  const box = isTrigger(types.get(type)) ? undefined : (neighbour?.inside ?? inside);
  const params = startingParams(type);
  const node: FlowNode = {
    id,
    type,
    ...(version > 1 && { v: version }),
    ...(box && { inside: box }),
    ...(params && { params }),
  };
  let next = placed({ ...flow, nodes: [...flow.nodes, node] }, { [id]: position });
  const first = outputPorts(node, types.get(type))[0];
  const edge = after
    ? makeEdge(after.node, after.port, id)
    : before !== undefined && first && makeEdge(id, first.name, before);
  if (edge && !refuseEdge(next, types, edge)) next = { ...next, edges: [...next.edges, edge] };
  return { command: command("node.add", flow, next), id };
}

/** Puts a new node in the middle of an edge; one that cannot stand there is only added. */
export function insertOnEdge(
  flow: FlowDocument,
  types: NodeTypes,
  type: string,
  position: Position,
  key: string,
): Added {
  const cut = flow.edges.find((edge) => edgeKey(edge) === key);
  if (!cut) return addNode(flow, types, type, position);
  const open = { ...flow, edges: flow.edges.filter((edge) => edge !== cut) };
  const led = addNode(open, types, type, position, { node: cut.from, port: portOf(cut) });
  const joined = led.command?.apply(open) ?? open;
  const node = findNode(joined, led.id);
  const port = node && outputPorts(node, types.get(type))[0];
  const onward = port && makeEdge(led.id, port.name, cut.to);
  const stands = joined.edges.length === flow.edges.length;
  if (!stands || !onward || refuseEdge(joined, types, onward)) {
    return addNode(flow, types, type, position);
  }
  const next = makeRoom({ ...joined, edges: [...joined.edges, onward] }, cut, led.id);
  return { command: command("edge.insert", flow, next), id: led.id };
}

/** Puts a node between the ends of an edge; where it is tight, what follows moves on. */
function makeRoom(flow: FlowDocument, { from, to }: FlowEdge, id: string): FlowDocument {
  const shown = shownPositions(flow);
  const [source, target] = [shown.get(from), shown.get(to)];
  if (!source || !target) return flow;
  const x = Math.max(shown.get(id)?.[0] ?? 0, source[0] + nodeWidth + betweenNodes);
  const y = Math.round((source[1] + target[1]) / 2);
  const lacking = x + nodeWidth + betweenNodes - target[0];
  if (target[0] < source[0] || lacking <= 0) return placed(flow, { [id]: [x, y] });
  const places: Record<string, Position> = { [id]: [x, y] };
  const follows = new Set(
    flow.nodes.map((node) => node.id).filter((it) => it === to || reaches(flow, to, it)),
  );
  for (const node of flow.nodes) {
    const place = shown.get(node.id);
    const moves = [node, ...loopsAround(flow, node.id)].some((it) => follows.has(it.id));
    if (place && moves) places[node.id] = [place[0] + lacking, place[1]];
  }
  return placed(flow, places);
}

/** Removes nodes; what led to one then leads to what followed it, where that is unambiguous. */
export function removeNodes(
  flow: FlowDocument,
  types: NodeTypes,
  ids: Iterable<string>,
): Command | null {
  const gone = withInsides(flow, new Set(ids));
  let next = flow;
  for (const id of gone) next = withoutEdgesOf(next, types, id, gone);
  // Nodes and places go at once: taken out one by one, a thousand of them copy a thousand each time.
  next = { ...next, nodes: flow.nodes.filter((node) => !gone.has(node.id)) };
  if (flow.layout) {
    const left = Object.entries(flow.layout).filter(([id]) => !gone.has(id));
    next.layout = Object.fromEntries(left);
  }
  return command("node.remove", flow, forgetNodes(next, gone));
}

/** A loop goes with what stands inside it. */
function withInsides(flow: FlowDocument, ids: Set<string>): Set<string> {
  const all = new Set(ids);
  for (let size = -1; size !== all.size; ) {
    size = all.size;
    for (const node of flow.nodes) if (node.inside && all.has(node.inside)) all.add(node.id);
  }
  return all;
}

/** The flow without a node's edges: what led to it leads to what followed it. */
function withoutEdgesOf(
  flow: FlowDocument,
  types: NodeTypes,
  id: string,
  gone: Set<string>,
): FlowDocument {
  const before = flow.edges.filter((edge) => edge.to === id);
  const after = flow.edges.filter((edge) => edge.from === id && portOf(edge) !== errorPort);
  let next: FlowDocument = {
    ...flow,
    edges: flow.edges.filter((edge) => edge.from !== id && edge.to !== id),
  };
  if (new Set(after.map(portOf)).size !== 1) return next;
  for (const into of before) {
    for (const out of after) {
      const healed = makeEdge(into.from, portOf(into), out.to);
      const lasts = !gone.has(healed.from) || !gone.has(healed.to);
      if (lasts && !refuseEdge(next, types, healed)) {
        next = { ...next, edges: [...next.edges, healed] };
      }
    }
  }
  return next;
}

export function connect(flow: FlowDocument, types: NodeTypes, edge: FlowEdge): Command | null {
  if (refuseEdge(flow, types, edge)) return null;
  return command("edge.add", flow, { ...flow, edges: [...flow.edges, edge] });
}

export function disconnect(
  flow: FlowDocument,
  keys: ReadonlySet<string>,
  id: CommandId = "edge.remove",
): Command | null {
  const edges = flow.edges.filter((edge) => !keys.has(edgeKey(edge)));
  if (edges.length === flow.edges.length) return null;
  return command(id, flow, { ...flow, edges });
}

/** Takes an edge's end to another place, at the edge's own place in the document. */
export function reconnect(
  flow: FlowDocument,
  types: NodeTypes,
  key: string,
  edge: FlowEdge,
): Command | null {
  const at = flow.edges.findIndex((old) => edgeKey(old) === key);
  if (at < 0) return null;
  const open = { ...flow, edges: flow.edges.filter((_, index) => index !== at) };
  if (refuseEdge(open, types, edge)) return null;
  return command("edge.move", flow, { ...flow, edges: flow.edges.with(at, edge) });
}

export interface Chosen {
  nodes: ReadonlySet<string>;
  edges: ReadonlySet<string>;
  notes?: ReadonlySet<string>;
}

/** What is chosen with what chosen groups hold. */
export function withHeld(flow: FlowDocument, chosen: Chosen): Required<Chosen> {
  const notes = chosen.notes ?? new Set<string>();
  const held = notesOf(flow).flatMap((note) => (notes.has(note.id) ? (note.nodes ?? []) : []));
  return { nodes: new Set([...chosen.nodes, ...held]), edges: chosen.edges, notes };
}

/** Removes nodes, edges and notes in one step of the history; a group goes with what it holds. */
export function removeChosen(
  flow: FlowDocument,
  types: NodeTypes,
  chosen: Chosen,
  id?: CommandId,
): Command | null {
  const { nodes, edges, notes } = withHeld(flow, chosen);
  const cut = disconnect(flow, edges)?.apply(flow) ?? flow;
  const next = removeNodes(cut, types, nodes)?.apply(cut) ?? cut;
  const usual = nodes.size > 0 ? "node.remove" : edges.size > 0 ? "edge.remove" : "note.remove";
  return command(id ?? usual, flow, withoutNotes(next, notes));
}

export function moveNodes(
  flow: FlowDocument,
  places: Record<string, Position>,
  merge?: string,
): Command | null {
  return command("node.move", flow, placed(flow, places), merge);
}

/** Takes on tidy places; frames are drawn anew around what they hold. */
export function arrange(
  flow: FlowDocument,
  types: NodeTypes,
  places: Record<string, Position>,
): Command | null {
  const next = fitFrames(placed(flow, places), types, new Set(Object.keys(places)));
  return command("flow.arrange", flow, next);
}

/** Sets one place in a node's params; `undefined` takes it away. */
export function setParam(
  flow: FlowDocument,
  types: NodeTypes,
  id: string,
  pointer: string,
  value: Json | undefined,
): Command | null {
  const at = nodeIndex(flow, id);
  const node = flow.nodes[at];
  if (!node) return null;
  const changed = withField(node, "params", writeAt(node.params ?? {}, pointer, value));
  const edges = followPorts(flow.edges, node, changed, types);
  const next = { ...flow, nodes: flow.nodes.with(at, changed), edges };
  return command("node.params", flow, next, `${id}${pointer}`);
}

/** Edges follow a port that was renamed in place, and go with one that was taken away. */
function followPorts(
  edges: FlowEdge[],
  before: FlowNode,
  after: FlowNode,
  types: NodeTypes,
): FlowEdge[] {
  const type = types.get(before.type);
  const [old, now] = [ownPortNames(before, type), ownPortNames(after, type)];
  if (old.join("\n") === now.join("\n")) return edges;
  const left = new Set(outputPorts(after, type).map((port) => port.name));
  const renamed = new Map<string, string>();
  if (old.length === now.length) {
    old.forEach((name, index) => {
      const fresh = now[index] ?? "";
      if (name !== fresh && !left.has(name) && !old.includes(fresh)) renamed.set(name, fresh);
    });
  }
  return edges.flatMap((edge) => {
    const port = portOf(edge);
    if (edge.from !== before.id || !old.includes(port) || left.has(port)) return [edge];
    const fresh = renamed.get(port);
    return fresh === undefined ? [] : [{ ...edge, port: fresh }];
  });
}

function withField(node: FlowNode, field: string, value: Json | undefined): FlowNode {
  if (value !== undefined) return { ...node, [field]: value };
  const { [field]: _, ...rest } = node;
  return rest as FlowNode;
}

export type NodeField = Exclude<keyof FlowNode & string, "id" | "type" | "params">;

/** Sets a node's own field (label, note, on_error, …); `undefined` takes it away. */
export function setField(
  flow: FlowDocument,
  id: string,
  field: NodeField,
  value: Json | undefined,
): Command | null {
  const at = nodeIndex(flow, id);
  const node = flow.nodes[at];
  if (!node) return null;
  const nodes = flow.nodes.with(at, withField(node, field, value));
  let next: FlowDocument = { ...flow, nodes };
  if (field === "on_error" && value !== "branch") {
    const edges = flow.edges.filter((edge) => edge.from !== id || portOf(edge) !== errorPort);
    if (edges.length < flow.edges.length) next = { ...next, edges };
  }
  return command("node.field", flow, next, `${id}:${field}`);
}

/** Switches nodes off, or on again. */
export function setDisabled(
  flow: FlowDocument,
  ids: ReadonlySet<string>,
  off: boolean,
): Command | null {
  const nodes = flow.nodes.map((node) =>
    ids.has(node.id) ? withField(node, "disabled", off || undefined) : node,
  );
  return command("node.field", flow, { ...flow, nodes });
}

export type FlowField = "name" | "language" | "timezone" | "limits" | "alerts" | "keys";

/** Sets the flow's own field; `undefined` takes it away. */
export function setFlowField(
  flow: FlowDocument,
  field: FlowField,
  value: Json | undefined,
): Command | null {
  const { [field]: _, ...rest } = flow;
  const next = value === undefined ? rest : { ...flow, [field]: value };
  return command("flow.field", flow, next as FlowDocument, field);
}

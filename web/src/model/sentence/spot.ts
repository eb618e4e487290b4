/** Places in a told flow, and steps put there: added, moved with what stands under them, copied. */
import { type Command, type CommandId, command } from "../command";
import { makeEdge, refuseEdge } from "../edge";
import { type Added, insertOnEdge } from "../edit";
import {
  edgeKey,
  type FlowDocument,
  type FlowEdge,
  type FlowNode,
  findNode,
  type Position,
  portOf,
} from "../flow";
import { freshNodeId } from "../node-id";
import { freePlace, nodeWidth, shownPositions } from "../place";
import { isTrigger, type NodeTypes, outputPorts, startingParams } from "../port";
import { mainPort, type Outline, type Step } from "./outline";

/** Where something may be put: after a node by one of its ways, before one, first in a loop. */
export type Spot =
  | { kind: "after"; node: string; port: string }
  | { kind: "before"; node: string }
  | { kind: "inside"; loop: string }
  | { kind: "start" };

interface End {
  node: string;
  port: string;
}

/** Some nodes as they are put somewhere: what leads in goes to these, what follows comes from those. */
interface Block {
  ids: ReadonlySet<string>;
  entries: readonly string[];
  exits: readonly End[];
}

const step_px = nodeWidth + 88;
const below_px = 150;

/** Adds a node at a place; what stood there follows it. */
export function addStep(flow: FlowDocument, types: NodeTypes, type: string, spot: Spot): Added {
  const id = freshNodeId(type, new Set(flow.nodes.map((node) => node.id)));
  const version = types.get(type)?.v ?? 1;
  const params = startingParams(type);
  const node: FlowNode = {
    id,
    type,
    ...(version > 1 && { v: version }),
    ...(params && { params }),
  };
  const edges = edgesAt(flow, types, spot);
  const [only, ...more] = edges;
  if (only && more.length === 0 && !params) {
    const made = insertOnEdge(flow, types, type, placeAt(flow, spot), edgeKey(only));
    if (made.command?.id === "edge.insert") return made;
  }
  const open = { ...flow, nodes: [...flow.nodes, node] };
  const block: Block = { ids: new Set([id]), entries: [id], exits: exitsOf(node, types) };
  const next = attach(open, types, block, isTrigger(types.get(type)) ? { kind: "start" } : spot);
  const place = freePlace(flow, types, placeAt(flow, spot));
  const layout = { ...next.layout, [id]: place };
  return { command: command("node.add", flow, { ...next, layout }), id };
}

/** The edges that a thing put at a place would stand on. */
function edgesAt(flow: FlowDocument, _types: NodeTypes, spot: Spot): FlowEdge[] {
  if (spot.kind === "after") {
    return flow.edges.filter((edge) => edge.from === spot.node && portOf(edge) === spot.port);
  }
  if (spot.kind === "before") return flow.edges.filter((edge) => edge.to === spot.node);
  return [];
}

function placeAt(flow: FlowDocument, spot: Spot): Position {
  const shown = shownPositions(flow);
  const at = spot.kind === "inside" ? spot.loop : spot.kind === "start" ? undefined : spot.node;
  const place = at === undefined ? undefined : shown.get(at);
  if (!place) {
    const lowest = Math.max(-below_px, ...[...shown.values()].map(([, y]) => y));
    return [0, lowest + below_px];
  }
  const [x, y] = place;
  if (spot.kind === "inside") return [x, y + below_px];
  return spot.kind === "after" ? [x + step_px, y] : [x, y];
}

/** By which ways a node goes on to what follows it. */
function exitsOf(node: FlowNode, types: NodeTypes): End[] {
  const port = mainPort(node, types) ?? outputPorts(node, types.get(node.type))[0]?.name;
  return port === undefined ? [] : [{ node: node.id, port }];
}

/** Puts detached nodes at a place: edges that cannot be are left out. */
function attach(flow: FlowDocument, types: NodeTypes, block: Block, spot: Spot): FlowDocument {
  const cut = edgesAt(flow, types, spot).filter(
    (edge) => !block.ids.has(edge.from) && !block.ids.has(edge.to),
  );
  const holder = spot.kind === "after" || spot.kind === "before" ? findNode(flow, spot.node) : null;
  const box = spot.kind === "inside" ? spot.loop : holder?.inside;
  const sources: End[] =
    spot.kind === "after"
      ? [{ node: spot.node, port: spot.port }]
      : cut.map((edge) => ({ node: edge.from, port: portOf(edge) }));
  const targets = targetsAt(flow, types, block, spot, cut);
  let next: FlowDocument = { ...flow, nodes: flow.nodes.map((node) => boxed(node, block, box)) };
  const lasts = block.exits.length > 0;
  if (lasts) next = { ...next, edges: next.edges.filter((edge) => !cut.includes(edge)) };
  const join = (from: End, to: string) => {
    const edge = makeEdge(from.node, from.port, to);
    if (!refuseEdge(next, types, edge)) next = { ...next, edges: [...next.edges, edge] };
  };
  for (const source of sources) for (const entry of block.entries) join(source, entry);
  for (const exit of block.exits) for (const target of targets) join(exit, target);
  return next;
}

function targetsAt(
  flow: FlowDocument,
  types: NodeTypes,
  block: Block,
  spot: Spot,
  cut: FlowEdge[],
): string[] {
  if (spot.kind === "after") return [...new Set(cut.map((edge) => edge.to))];
  if (spot.kind === "before") return [spot.node];
  if (spot.kind === "inside") return rootsIn(flow, types, block, spot.loop);
  const starts = flow.nodes.filter(
    (node) => isTrigger(types.get(node.type)) && !block.ids.has(node.id),
  );
  if (starts.length === 0) return rootsIn(flow, types, block, undefined).slice(0, 1);
  const ids = new Set(starts.map((node) => node.id));
  return [...new Set(flow.edges.filter((edge) => ids.has(edge.from)).map((edge) => edge.to))];
}

/** The nodes of a box to which nothing leads. */
function rootsIn(
  flow: FlowDocument,
  types: NodeTypes,
  block: Block,
  box: string | undefined,
): string[] {
  const led = new Set(flow.edges.map((edge) => edge.to));
  return flow.nodes
    .filter((node) => node.inside === box && !led.has(node.id) && !block.ids.has(node.id))
    .filter((node) => !isTrigger(types.get(node.type)))
    .map((node) => node.id);
}

/** A node of a block in another box, unless it stands in a loop of the block itself. */
function boxed(node: FlowNode, block: Block, box: string | undefined): FlowNode {
  if (!block.ids.has(node.id) || (node.inside !== undefined && block.ids.has(node.inside))) {
    return node;
  }
  if (node.inside === box) return node;
  const { inside: _, ...rest } = node;
  return box === undefined
    ? (rest as FlowNode)
    : { ...rest, id: node.id, type: node.type, inside: box };
}

/** A step with everything that is told under it. */
export function blockOf(outline: Outline, id: string): Set<string> {
  const ids = new Set<string>();
  const take = (step: Step | undefined) => {
    if (!step || ids.has(step.id)) return;
    ids.add(step.id);
    for (const way of step.ways) takeAll(way.items);
  };
  const takeAll = (items: Outline["items"]) => {
    for (const item of items) {
      if (item.kind === "step") take(item);
      else for (const track of item.tracks) takeAll(track);
    }
  };
  take(outline.steps.get(id));
  return ids;
}

/** Takes a step with what is under it to another place; what it leaves closes up behind it. */
export function moveStep(
  flow: FlowDocument,
  types: NodeTypes,
  outline: Outline,
  id: string,
  spot: Spot,
): Command | null {
  const node = findNode(flow, id);
  const ids = blockOf(outline, id);
  const at = spot.kind === "inside" ? spot.loop : spot.kind === "start" ? null : spot.node;
  if (!node || isTrigger(types.get(node.type)) || (at !== null && ids.has(at))) return null;
  const block: Block = { ids, entries: [id], exits: leavings(flow, types, outline, node, ids) };
  const open = detach(flow, types, block);
  const next = attach(open, types, block, spot);
  if (JSON.stringify([next.edges, next.nodes]) === JSON.stringify([flow.edges, flow.nodes])) {
    return null;
  }
  // By another of its ways a step may lead to one that stays in the box that it leaves.
  const torn = next.edges.some(
    (edge) =>
      (ids.has(edge.from) || ids.has(edge.to)) &&
      refuseEdge({ ...next, edges: next.edges.filter((it) => it !== edge) }, types, edge) !== null,
  );
  if (torn) return null;
  return command("node.move", flow, { ...next, layout: moved(flow, types, ids, id, spot) });
}

/** By which ways a block goes on: those that it leaves by now, else its loose ends. */
function leavings(
  flow: FlowDocument,
  types: NodeTypes,
  outline: Outline,
  node: FlowNode,
  ids: ReadonlySet<string>,
): End[] {
  const main = mainPort(node, types);
  const out = flow.edges.filter((edge) => ids.has(edge.from) && !ids.has(edge.to));
  const onward = new Set(
    out.filter((edge) => edge.from === node.id && portOf(edge) === main).map((edge) => edge.to),
  );
  const ends = (main === null ? out : out.filter((edge) => onward.has(edge.to))).map(
    (edge): End => ({ node: edge.from, port: portOf(edge) }),
  );
  if (main !== null) return unique([...exitsOf(node, types), ...ends]);
  if (ends.length > 0) return unique(ends);
  return unique(looseEnds(flow, types, outline, node));
}

function looseEnds(flow: FlowDocument, types: NodeTypes, outline: Outline, node: FlowNode): End[] {
  const ways = outline.steps.get(node.id)?.ways ?? [];
  return ways.flatMap((way): End[] => {
    const last = way.items.at(-1);
    if (!last) return way.port === null ? [] : [{ node: node.id, port: way.port }];
    const end = last.kind === "step" ? findNode(flow, last.id) : undefined;
    if (!end) return [];
    const main = mainPort(end, types);
    return main === null ? looseEnds(flow, types, outline, end) : [{ node: end.id, port: main }];
  });
}

const unique = (ends: End[]): End[] => [
  ...new Map(ends.map((end) => [`${end.node} ${end.port}`, end])).values(),
];

/** Takes the block out of its edges; what led into it leads to what it went on to. */
function detach(flow: FlowDocument, types: NodeTypes, block: Block): FlowDocument {
  const { ids, exits } = block;
  const into = flow.edges.filter((edge) => ids.has(edge.to) && !ids.has(edge.from));
  const ways = new Set(exits.map((end) => `${end.node} ${end.port}`));
  const out = flow.edges.filter(
    (edge) => !ids.has(edge.to) && ways.has(`${edge.from} ${portOf(edge)}`),
  );
  let next: FlowDocument = {
    ...flow,
    edges: flow.edges.filter((edge) => !into.includes(edge) && !out.includes(edge)),
  };
  for (const before of into) {
    for (const to of new Set(out.map((edge) => edge.to))) {
      const healed = makeEdge(before.from, portOf(before), to);
      if (!refuseEdge(next, types, healed)) next = { ...next, edges: [...next.edges, healed] };
    }
  }
  return next;
}

/** Where a moved block is drawn: near what it follows, its nodes as far apart as before. */
function moved(
  flow: FlowDocument,
  types: NodeTypes,
  ids: ReadonlySet<string>,
  id: string,
  spot: Spot,
): FlowDocument["layout"] {
  const shown = shownPositions(flow);
  const still = { ...flow, nodes: flow.nodes.filter((node) => !ids.has(node.id)) };
  const [x, y] = freePlace(still, types, placeAt(flow, spot));
  const [left, top] = shown.get(id) ?? [0, 0];
  const layout = { ...flow.layout };
  for (const each of ids) {
    const [oldX, oldY] = shown.get(each) ?? [0, 0];
    layout[each] = [Math.round(oldX - left + x), Math.round(oldY - top + y)];
  }
  return layout;
}

/** Wires nodes that were just pasted or copied in after a step. */
export function joinAfter(
  flow: FlowDocument,
  added: FlowDocument,
  types: NodeTypes,
  ids: readonly string[],
  spot: Spot,
  id: CommandId,
): Command | null {
  const own = new Set(ids);
  const led = new Set(added.edges.filter((edge) => own.has(edge.from)).map((edge) => edge.to));
  const leads = new Set(added.edges.filter((edge) => own.has(edge.to)).map((edge) => edge.from));
  const tops = added.nodes.filter(
    (node) => own.has(node.id) && (node.inside === undefined || !own.has(node.inside)),
  );
  const entries = tops.filter((node) => !led.has(node.id) && !isTrigger(types.get(node.type)));
  const last = tops.filter((node) => !leads.has(node.id)).flatMap((node) => exitsOf(node, types));
  const block: Block = { ids: own, entries: entries.map((node) => node.id), exits: last };
  return command(id, flow, attach(added, types, block, spot));
}

/** Where something goes that is added behind a step. */
export function spotAfter(flow: FlowDocument, types: NodeTypes, id: string): Spot | null {
  const node = findNode(flow, id);
  if (!node) return null;
  const port = mainPort(node, types) ?? outputPorts(node, types.get(node.type))[0]?.name;
  return port === undefined ? null : { kind: "after", node: id, port };
}

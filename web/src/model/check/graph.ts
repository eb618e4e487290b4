/** The rules of edges, loops and circles, as the server holds them. */
import { errorPort, portOf } from "../flow";
import { hasPort, isTrigger, outputPorts, ownPortNames } from "../port";
import type { Draft, Placed } from "./draft";

export const loopType = "core.for_each";
const namesShown = 20;

export function checkEdges(draft: Draft): void {
  const seen = new Set<string>();
  draft.flow.edges.forEach((edge, index) => {
    const [start, end] = [draft.find(edge.from), draft.find(edge.to)];
    if (!start) draft.add(["edges", index, "from"], "edge.node_unknown", { id: edge.from });
    if (!end) draft.add(["edges", index, "to"], "edge.node_unknown", { id: edge.to });
    if (end?.type && isTrigger(end.type)) {
      draft.add(["edges", index, "to"], "edge.into_trigger", { node: end.title });
    }
    if (start?.type) checkPort(draft, start, portOf(edge), index);
    if (!start || !end) return;
    checkEnds(draft, start, end, index);
    const key = `${edge.from} ${portOf(edge)} ${edge.to}`;
    if (seen.has(key)) {
      const params = { port: portOf(edge), node: start.title, to: end.title };
      draft.add(["edges", index], "edge.twice", params);
    }
    seen.add(key);
  });
}

function checkPort(draft: Draft, start: Placed, port: string, index: number): void {
  if (hasPort(start.node, start.type ?? undefined, port)) return;
  const ports = outputPorts(start.node, start.type ?? undefined).map((it) => it.name);
  const [path, node] = [["edges", index, "port"], start.title];
  if (port === errorPort && !isTrigger(start.type ?? undefined)) {
    draft.add(path, "edge.error_port_off", { node });
  } else if (ports.length === 0 && port === "out") draft.add(path, "edge.after_end", { node });
  else draft.add(path, "edge.port_unknown", { node, port, ports });
}

function checkEnds(draft: Draft, start: Placed, end: Placed, index: number): void {
  if (start === end) draft.add(["edges", index], "edge.self_loop", { node: start.title });
  else if (start.node.inside !== end.node.inside) {
    draft.add(["edges", index], "edge.crosses_box", { node: start.title, to: end.title });
  }
}

/** Ports that a node names twice, or by a name that is taken. */
export function checkOwnPorts(draft: Draft, { node, type, title, index }: Placed): void {
  if (!type?.own_ports) return;
  const taken = new Set(type.ports.map((it) => it.name));
  ownPortNames(node, type).forEach((name, at) => {
    const path = type.own_ports?.replace("*", String(at)).split("/").slice(1) ?? [];
    const place = ["nodes", index, "params", ...path];
    if (name === errorPort) draft.add(place, "port.error_reserved", { node: title });
    else if (name !== "" && taken.has(name)) {
      draft.add(place, "port.twice", { node: title, port: name });
    }
    taken.add(name);
  });
}

export function checkLoops(draft: Draft): void {
  const held = new Set<string>();
  for (const placed of draft.nodes) {
    const { node, title, index } = placed;
    if (node.inside === undefined) continue;
    const path = ["nodes", index, "inside"];
    const box = draft.find(node.inside);
    if (isTrigger(placed.type ?? undefined))
      draft.add(path, "loop.trigger_inside", { node: title });
    if (!box) draft.add(path, "loop.inside_unknown", { node: title, id: node.inside });
    else if (box.node.type !== loopType) {
      draft.add(path, "loop.inside_not_loop", { node: title, box: box.title });
    }
    held.add(node.inside);
  }
  for (const { node, title, index } of draft.nodes) {
    if (node.type === loopType && !held.has(node.id)) {
      draft.add(["nodes", index], "loop.empty", { node: title });
    }
  }
}

/** One circle for each knot of nodes that lead to one another, at the edge that closes it. */
export function checkCircles(draft: Draft): void {
  const open = new Set(draft.nodes.keys());
  for (const at of draft.order()) open.delete(at);
  for (const start of [...open]) {
    if (!open.has(start)) continue;
    const knot = knotOf(draft, start, open);
    for (const at of knot) open.delete(at);
    if (knot.size > 1) reportCircle(draft, circleIn(draft, start, knot));
  }
}

/** The nodes that lead to a node and to which it leads, itself among them. */
function knotOf(draft: Draft, start: number, open: ReadonlySet<number>): Set<number> {
  const follow = (ways: readonly number[][]) => {
    const seen = new Set([start]);
    for (const at of seen) {
      for (const next of ways[at] ?? []) if (open.has(next)) seen.add(next);
    }
    return seen;
  };
  const before = follow(draft.before);
  return new Set([...follow(draft.after)].filter((at) => before.has(at)));
}

/** Follows edges inside a knot until they come back; begins with the circle's first node. */
function circleIn(draft: Draft, start: number, knot: ReadonlySet<number>): number[] {
  const way: number[] = [];
  let at = start;
  while (!way.includes(at)) {
    way.push(at);
    at = draft.after[at]?.find((end) => knot.has(end)) ?? start;
  }
  const circle = way.slice(way.indexOf(at));
  const first = circle.indexOf(Math.min(...circle));
  return [...circle.slice(first), ...circle.slice(0, first)];
}

function reportCircle(draft: Draft, way: number[]): void {
  const titles = way.slice(0, namesShown).map((at) => draft.nodes[at]?.title ?? "");
  titles.push(way.length > namesShown ? `… (${way.length})` : (titles[0] ?? ""));
  const pairs = way.map((at, place) => [at, way[(place + 1) % way.length] ?? at] as const);
  const index = draft.flow.edges.findLastIndex(({ from, to }) =>
    pairs.some(
      ([start, end]) => draft.find(from)?.index === start && draft.find(to)?.index === end,
    ),
  );
  draft.add(["edges", index], "flow.cycle", { nodes: titles.join(" → ") });
}

/** The flow as React Flow wants it: boxes and lines that stay the same objects while nothing changed. */
import type { Edge, Node } from "@xyflow/react";
import type { NodeType, Port } from "~/api/contract.ts";
import { edgeKey, type FlowDocument, type FlowNode, type Position, portOf } from "~/model/flow.ts";
import { listsPorts, shownPositions, sizeOf } from "~/model/place.ts";
import { type NodeTypes, outputPorts } from "~/model/port.ts";

export type Level = "error" | "warning";

export interface BoxData extends Record<string, unknown> {
  node: FlowNode;
  type: NodeType | undefined;
  ports: Port[];
  listed: boolean;
  /** The ports that an edge leaves from, joined by a comma. */
  joined: string;
  level: Level | undefined;
}
export type Box = Node<BoxData, "box">;

export interface LineData extends Record<string, unknown> {
  port: string;
}
export type Line = Edge<LineData, "line">;

export interface Selection {
  nodes: ReadonlySet<string>;
  edges: ReadonlySet<string>;
}
export const nothing: Selection = { nodes: new Set(), edges: new Set() };

export interface Drawn {
  flow: FlowDocument;
  types: NodeTypes;
  levels: ReadonlyMap<string, Level>;
  selection: Selection;
}

export function drawBoxes(drawn: Drawn, before: ReadonlyMap<string, Box>): Box[] {
  const { flow, types, levels, selection } = drawn;
  const places = shownPositions(flow);
  const joined = new Map<string, string[]>();
  for (const edge of flow.edges) {
    const ports = joined.get(edge.from);
    if (ports) ports.push(portOf(edge));
    else joined.set(edge.from, [portOf(edge)]);
  }
  return flow.nodes.map((node) => {
    const place = places.get(node.id) ?? [0, 0];
    return drawBox(before.get(node.id), {
      node,
      place,
      type: types.get(node.type),
      joined: (joined.get(node.id) ?? []).join(),
      level: levels.get(node.id),
      selected: selection.nodes.has(node.id),
      types,
    });
  });
}

interface Wanted {
  node: FlowNode;
  place: Position;
  type: NodeType | undefined;
  joined: string;
  level: Level | undefined;
  selected: boolean;
  types: NodeTypes;
}

function drawBox(old: Box | undefined, wanted: Wanted): Box {
  const { node, type, joined, level, selected } = wanted;
  const [x, y] = wanted.place;
  const same =
    old &&
    old.data.node === node &&
    old.data.type === type &&
    old.data.joined === joined &&
    old.data.level === level;
  const placed = old?.position.x === x && old.position.y === y;
  if (same && placed && old.selected === selected) return old;
  if (same) return { ...old, position: placed ? old.position : { x, y }, selected };
  const ports = outputPorts(node, type);
  return {
    ...old,
    id: node.id,
    type: "box",
    position: placed ? old.position : { x, y },
    ...sizeOf(node, wanted.types),
    selected,
    data: { node, type, ports, listed: listsPorts(ports), joined, level },
  };
}

export function drawLines(drawn: Drawn, before: ReadonlyMap<string, Line>): Line[] {
  return drawn.flow.edges.map((edge) => {
    const id = edgeKey(edge);
    const selected = drawn.selection.edges.has(id);
    const old = before.get(id);
    if (old && old.selected === selected) return old;
    const port = portOf(edge);
    return {
      id,
      type: "line",
      source: edge.from,
      target: edge.to,
      sourceHandle: port,
      targetHandle: "in",
      selected,
      data: { port },
    };
  });
}

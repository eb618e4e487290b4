/** Pulling edges: new ones from an exit or backwards from an entry, and either end of one there is. */
import type {
  Connection,
  FinalConnectionState,
  HandleType,
  OnConnectEnd,
  ReactFlowInstance,
  XYPosition,
} from "@xyflow/react";
import { useRef } from "react";
import { makeEdge, refuseEdge } from "~/model/edge.ts";
import * as edit from "~/model/edit.ts";
import {
  defaultPort,
  edgeKey,
  type FlowDocument,
  type FlowEdge,
  findNode,
  portOf,
} from "~/model/flow.ts";
import { type NodeTypes, outputPorts } from "~/model/port.ts";
import { useStable } from "~/ui/stable.ts";
import type { CanvasProps } from "../Canvas.tsx";
import type { Line, Shape } from "../shape.ts";
import { elementAt, pointIn } from "./point.ts";

const least = 24;

export function edgeOf(link: Connection | Line): FlowEdge {
  return makeEdge(link.source, link.sourceHandle ?? defaultPort, link.target);
}

function distance(from: XYPosition | null, to: XYPosition | null): number {
  return from && to ? Math.hypot(from.x - to.x, from.y - to.y) : 0;
}

/** The port of a node that an edge pulled from elsewhere takes: its first free one. */
function freePort(flow: FlowDocument, types: NodeTypes, id: string): string {
  const node = findNode(flow, id);
  const ports = node ? outputPorts(node, types.get(node.type)) : [];
  const used = new Set(flow.edges.filter((edge) => edge.from === id).map(portOf));
  return (ports.find((port) => !used.has(port.name)) ?? ports[0])?.name ?? defaultPort;
}

/** The node where a pull ended: anywhere on it counts, not only its small handles. */
function nodeUnder(event: MouseEvent | TouchEvent, end: FinalConnectionState): string | undefined {
  const point = pointIn(event);
  return end.toNode?.id ?? (point && elementAt(point, ".react-flow__node-box")?.dataset.id);
}

export function usePulling(props: CanvasProps, reactFlow: ReactFlowInstance<Shape, Line>) {
  const { flow, types, onCommand } = props;
  const reconnecting = useRef(false);
  const givenUp = useRef(false);
  const giveUp = useStable((event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    givenUp.current = true;
    // React Flow ends a pull where the button is let go, and knows no other end.
    document.dispatchEvent(new MouseEvent("mouseup"));
  });
  const join = (edge: FlowEdge) => {
    const refusal = refuseEdge(flow, types, edge);
    if (refusal) props.onRefuse?.(refusal);
    else onCommand?.(edit.connect(flow, types, edge));
  };
  const endPull: OnConnectEnd = (event, end) => {
    removeEventListener("keydown", giveUp, true);
    const point = pointIn(event);
    const from = end.fromHandle;
    if (givenUp.current || reconnecting.current || end.isValid || !point || !from?.id) return;
    const backwards = from.type === "target";
    const other = nodeUnder(event, end);
    if (other !== undefined) {
      if (other === from.nodeId && distance(end.from, end.to) <= least) return;
      const port = backwards ? freePort(flow, types, other) : from.id;
      return join(
        backwards ? makeEdge(other, port, from.nodeId) : makeEdge(from.nodeId, port, other),
      );
    }
    if (distance(end.from, end.to) <= least) return;
    const screen = { x: point.clientX, y: point.clientY };
    const { x, y } = reactFlow.screenToFlowPosition(screen);
    const near = backwards
      ? { before: from.nodeId }
      : { after: { node: from.nodeId, port: from.id } };
    props.onAsk?.({ at: [x, y], screen, ...near });
  };
  const endReconnect = (
    event: MouseEvent | TouchEvent,
    line: Line,
    still: HandleType,
    end: FinalConnectionState,
  ) => {
    reconnecting.current = false;
    if (givenUp.current || end.isValid || distance(end.from, end.to) <= least) return;
    const other = nodeUnder(event, end);
    if (other === undefined) return onCommand?.(edit.disconnect(flow, new Set([line.id])));
    const edge =
      still === "source"
        ? makeEdge(line.source, line.sourceHandle ?? defaultPort, other)
        : makeEdge(other, freePort(flow, types, other), line.target);
    const open = { ...flow, edges: flow.edges.filter((it) => edgeKey(it) !== line.id) };
    const refusal = refuseEdge(open, types, edge);
    if (refusal) props.onRefuse?.(refusal);
    else onCommand?.(edit.reconnect(flow, types, line.id, edge));
  };
  return {
    onConnectStart: useStable(() => {
      givenUp.current = false;
      addEventListener("keydown", giveUp, true);
    }),
    onConnect: useStable((link: Connection) => {
      if (!givenUp.current) onCommand?.(edit.connect(flow, types, edgeOf(link)));
    }),
    onConnectEnd: useStable(endPull),
    onReconnectStart: useStable(() => {
      reconnecting.current = true;
    }),
    onReconnect: useStable((line: Line, link: Connection) => {
      if (givenUp.current) return;
      onCommand?.(edit.reconnect(flow, types, line.id, edgeOf(link)));
    }),
    onReconnectEnd: useStable(endReconnect),
    isValidConnection: useStable(
      (link: Connection | Line) => refuseEdge(flow, types, edgeOf(link)) === null,
    ),
  };
}

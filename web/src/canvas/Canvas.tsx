/** The flow as a graph that people handle. It draws a document and answers with commands. */
import "@xyflow/react/dist/base.css";
import { useLingui } from "@lingui/react/macro";
import {
  applyNodeChanges,
  Background,
  BackgroundVariant,
  type Connection,
  ConnectionLineType,
  type EdgeChange,
  MiniMap,
  type NodeChange,
  type OnConnectEnd,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useReactFlow,
  type XYPosition,
} from "@xyflow/react";
import { type DragEvent, type ReactNode, type Ref, useMemo, useRef, useState } from "react";
import type { Command } from "~/model/command.ts";
import { type EdgeRefusal, makeEdge, refuseEdge } from "~/model/edge.ts";
import * as edit from "~/model/edit.ts";
import type { FlowDocument, Position } from "~/model/flow.ts";
import type { NodeTypes } from "~/model/port.ts";
import { BoxNode } from "./BoxNode.tsx";
import { CanvasControls, type CanvasView, useCanvasHandle } from "./CanvasControls.tsx";
import classes from "./canvas.module.css";
import { CanvasContext, type CanvasShared, type PortEnd, type ScreenPoint } from "./context.ts";
import { draggedType } from "./drag.ts";
import { EdgeLine } from "./EdgeLine.tsx";
import { LoopBoxes } from "./LoopBoxes.tsx";
import {
  type Box,
  type Drawn,
  drawBoxes,
  drawLines,
  type Level,
  type Line,
  type Selection,
} from "./shape.ts";

const nodeTypes = { box: BoxNode };
const edgeTypes = { line: EdgeLine };
const manyNodes = 300;

/** Where a node is asked for: a point on the canvas, and what it follows or stands on. */
export interface AddRequest {
  at: Position;
  screen: ScreenPoint;
  after?: PortEnd;
  edge?: string;
}

export interface CanvasProps {
  flow: FlowDocument;
  types: NodeTypes;
  levels: ReadonlyMap<string, Level>;
  selection: Selection;
  onSelect: (selection: Selection) => void;
  onCommand?: (command: Command | null) => void;
  /** A pull ended where no edge can be. */
  onRefuse?: (refusal: EdgeRefusal) => void;
  onOpen?: (node: string) => void;
  /** A type was dropped. */
  onDropType?: (type: string, request: AddRequest) => void;
  /** Something may be added: the page shows what. */
  onAsk?: (request: AddRequest) => void;
  runId?: string | null;
  readOnly?: boolean;
  view?: Ref<CanvasView>;
  children?: ReactNode;
}

export function Canvas(props: CanvasProps) {
  return (
    <ReactFlowProvider>
      <Surface {...props} />
    </ReactFlowProvider>
  );
}

function byId<Item extends { id: string }>(items: Item[]): Map<string, Item> {
  return new Map(items.map((item) => [item.id, item]));
}

/** Boxes follow the document; while one is dragged it is ahead of it. */
function useDrawn(drawn: Drawn) {
  const [boxes, setBoxes] = useState<Box[]>(() => drawBoxes(drawn, new Map()));
  const [lines, setLines] = useState<Line[]>(() => drawLines(drawn, new Map()));
  const [last, setLast] = useState(drawn);
  if (last !== drawn) {
    setLast(drawn);
    setBoxes(drawBoxes(drawn, byId(boxes)));
    setLines(drawLines(drawn, byId(lines)));
  }
  return { boxes, lines, setBoxes };
}

function Surface(props: CanvasProps) {
  const { flow, types, levels, selection, onSelect, onCommand, readOnly = false } = props;
  const { t } = useLingui();
  const reactFlow = useReactFlow<Box, Line>();
  const drawn = useMemo(
    () => ({ flow, types, levels, selection }),
    [flow, types, levels, selection],
  );
  const { boxes, lines, setBoxes } = useDrawn(drawn);
  const [map, setMap] = useState(false);
  const refused = useRef<EdgeRefusal | null>(null);
  useCanvasHandle(props.view, reactFlow, flow, types);

  const toFlow = (point: ScreenPoint): Position => {
    const { x, y } = reactFlow.screenToFlowPosition(point);
    return [x, y];
  };
  const ask = props.onAsk;
  const shared = useMemo<CanvasShared>(() => {
    const place = (point: ScreenPoint): Position => {
      const { x, y } = reactFlow.screenToFlowPosition(point);
      return [x, y];
    };
    const base = { runId: props.runId ?? null, readOnly };
    if (readOnly || !ask) return base;
    return {
      ...base,
      onPull: (after, screen) => ask({ at: place(screen), screen, after }),
      onInsert: (edge, screen) => ask({ at: place(screen), screen, edge }),
    };
  }, [props.runId, readOnly, ask, reactFlow]);

  const changeNodes = (changes: NodeChange<Box>[]) => {
    const chosen = selectionAfter(selection.nodes, changes);
    if (chosen) onSelect({ ...selection, nodes: chosen });
    const moves = changes.filter((it) => it.type === "position" || it.type === "dimensions");
    if (moves.length > 0) setBoxes((now) => applyNodeChanges(moves, now));
  };
  const changeEdges = (changes: EdgeChange<Line>[]) => {
    const chosen = selectionAfter(selection.edges, changes);
    if (chosen) onSelect({ ...selection, edges: chosen });
  };
  const settle = (_: unknown, __: Box, moved: Box[]) => {
    const places = Object.fromEntries(
      moved.map((box): [string, Position] => [box.id, [box.position.x, box.position.y]]),
    );
    onCommand?.(edit.moveNodes(flow, places));
  };
  const fits = (link: Connection | Line) => {
    const edge = makeEdge(link.source, link.sourceHandle ?? "out", link.target);
    refused.current = refuseEdge(flow, types, edge);
    return refused.current === null;
  };
  const connect = (link: Connection) => {
    const edge = makeEdge(link.source, link.sourceHandle ?? "out", link.target);
    onCommand?.(edit.connect(flow, types, edge));
  };
  const endPull: OnConnectEnd = (event, end) => {
    const point = "changedTouches" in event ? event.changedTouches[0] : event;
    const from = end.fromHandle;
    if (end.isValid || !point || from?.type !== "source" || !from.id) return;
    if (end.toNode) {
      const edge = makeEdge(from.nodeId, from.id, end.toNode.id);
      const refusal = refuseEdge(flow, types, edge);
      if (refusal) props.onRefuse?.(refusal);
      else onCommand?.(edit.connect(flow, types, edge));
      return;
    }
    const pulled = distance(end.from, end.to);
    const screen = { x: point.clientX, y: point.clientY };
    if (pulled > 24)
      ask?.({ at: toFlow(screen), screen, after: { node: from.nodeId, port: from.id } });
  };
  const drop = (event: DragEvent) => {
    const type = event.dataTransfer.getData(draggedType);
    if (!type) return;
    event.preventDefault();
    const screen = { x: event.clientX, y: event.clientY };
    const line = document
      .elementsFromPoint(screen.x, screen.y)
      .find((element) => element.closest(".react-flow__edge"))
      ?.closest(".react-flow__edge");
    const edge = line?.getAttribute("data-id");
    const request: AddRequest = { at: toFlow(screen), screen };
    props.onDropType?.(type, edge ? { ...request, edge } : request);
  };

  return (
    <CanvasContext value={shared}>
      <ReactFlow<Box, Line>
        className={classes.canvas}
        nodes={boxes}
        edges={lines}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={changeNodes}
        onEdgesChange={changeEdges}
        onNodeDragStop={settle}
        onSelectionDragStop={(event, moved) => settle(event, moved[0] as Box, moved)}
        onNodeDoubleClick={(_, box) => props.onOpen?.(box.id)}
        onPaneClick={() => onSelect({ nodes: new Set(), edges: new Set() })}
        onConnect={connect}
        onConnectEnd={endPull}
        onReconnect={(line, link) => {
          const edge = makeEdge(link.source, link.sourceHandle ?? "out", link.target);
          onCommand?.(edit.reconnect(flow, types, line.id, edge));
        }}
        isValidConnection={fits}
        onDragOver={(event) => {
          if (event.dataTransfer.types.includes(draggedType)) event.preventDefault();
        }}
        onDrop={drop}
        nodesDraggable={!readOnly}
        nodesConnectable={!readOnly}
        edgesReconnectable={!readOnly}
        connectOnClick={false}
        connectionLineType={ConnectionLineType.Bezier}
        connectionRadius={36}
        deleteKeyCode={null}
        disableKeyboardA11y
        nodesFocusable
        edgesFocusable={false}
        multiSelectionKeyCode={["Meta", "Control", "Shift"]}
        selectionMode={SelectionMode.Partial}
        onlyRenderVisibleElements={flow.nodes.length > manyNodes}
        minZoom={0.1}
        maxZoom={1.75}
        snapToGrid
        snapGrid={[8, 8]}
        fitView
        fitViewOptions={{ padding: 0.2, maxZoom: 1 }}
        aria-label={t`Flow`}
      >
        <Background
          variant={BackgroundVariant.Dots}
          gap={24}
          size={1.6}
          color="var(--tramo-dots)"
        />
        <LoopBoxes flow={flow} types={types} boxes={boxes} />
        {map && <MiniMap className={classes.map} pannable zoomable nodeStrokeWidth={0} />}
        <CanvasControls map={map} onMap={() => setMap(!map)} />
        {props.children}
      </ReactFlow>
    </CanvasContext>
  );
}

function distance(from: XYPosition | null, to: XYPosition | null): number {
  return from && to ? Math.hypot(from.x - to.x, from.y - to.y) : 0;
}

/** The selection that React Flow's changes lead to, or null where they change none. */
function selectionAfter(
  before: ReadonlySet<string>,
  changes: (NodeChange<Box> | EdgeChange<Line>)[],
): Set<string> | null {
  const picks = changes.filter((change) => change.type === "select");
  if (picks.length === 0) return null;
  const after = new Set(before);
  for (const pick of picks) {
    if (pick.selected) after.add(pick.id);
    else after.delete(pick.id);
  }
  return after;
}

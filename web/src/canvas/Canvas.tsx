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
  type NodeChange,
  type OnConnectEnd,
  ReactFlow,
  type ReactFlowInstance,
  ReactFlowProvider,
  SelectionMode,
  useReactFlow,
  type XYPosition,
} from "@xyflow/react";
import {
  type Dispatch,
  type DragEvent,
  type MouseEvent as ReactMouseEvent,
  type ReactNode,
  type Ref,
  type SetStateAction,
  useMemo,
  useRef,
  useState,
} from "react";
import { boxAt, dropNodes, standingInside, withInsides } from "~/model/box.ts";
import type { Command } from "~/model/command.ts";
import { type EdgeRefusal, makeEdge, refuseEdge } from "~/model/edge.ts";
import * as edit from "~/model/edit.ts";
import { defaultPort, type FlowDocument, type FlowEdge, type Position } from "~/model/flow.ts";
import type { NodeTypes } from "~/model/port.ts";
import { BoxNode } from "./BoxNode.tsx";
import {
  CanvasControls,
  type CanvasView,
  showAtFirst,
  useCanvasHandle,
} from "./CanvasControls.tsx";
import classes from "./canvas.module.css";
import { CanvasContext, type CanvasShared, type PortEnd, type ScreenPoint } from "./context.ts";
import { draggedType } from "./drag.ts";
import { EdgeLine } from "./EdgeLine.tsx";
import { FlowMap } from "./FlowMap.tsx";
import { LoopBoxes } from "./LoopBoxes.tsx";
import {
  type Box,
  type Drawn,
  drawBoxes,
  drawLines,
  type Level,
  type Line,
  manyNodes,
  type Selection,
} from "./shape.ts";
import { useStable } from "./stable.ts";
import { useDescriptions } from "./words.ts";

/** Where a node is asked for: a point on the canvas, and what it follows or stands on. */
export interface AddRequest {
  at: Position;
  screen: ScreenPoint;
  after?: PortEnd;
  edge?: string;
  /** The loop in whose box it is asked for. */
  inside?: string;
}

export interface CanvasProps {
  flow: FlowDocument;
  types: NodeTypes;
  levels: ReadonlyMap<string, Level>;
  selection: Selection;
  /** The node that Tab stops at, where arrow keys walk on from it. */
  at?: string | undefined;
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
  const { flow, types, levels, selection, at, readOnly = false } = props;
  const { t } = useLingui();
  const reactFlow = useReactFlow<Box, Line>();
  const drawn = useMemo(
    () => ({ flow, types, levels, selection, at }),
    [flow, types, levels, selection, at],
  );
  const { boxes, lines, setBoxes } = useDrawn(drawn);
  const [map, setMap] = useState(false);
  const moved = useRef(false);
  useCanvasHandle(props.view, reactFlow, flow, types, moved);
  const handlers = useHandlers(props, reactFlow, setBoxes);
  const shared = useShared(props, reactFlow);
  const described = useDescriptions();

  return (
    <CanvasContext value={shared}>
      <ReactFlow<Box, Line>
        {...handlers}
        {...fixed}
        className={classes.canvas}
        nodes={boxes}
        edges={lines}
        nodesDraggable={!readOnly}
        nodesConnectable={!readOnly}
        edgesReconnectable={!readOnly}
        onMove={(event) => {
          if (event) moved.current = true;
        }}
        onlyRenderVisibleElements={flow.nodes.length > manyNodes}
        aria-label={t`Flow`}
        ariaLabelConfig={described}
      >
        <Background
          variant={BackgroundVariant.Dots}
          gap={24}
          size={1.6}
          color="var(--tramo-dots)"
        />
        <LoopBoxes flow={flow} types={types} boxes={boxes} />
        {map && <FlowMap boxes={boxes} moved={moved} />}
        <CanvasControls map={map} onMap={() => setMap(!map)} moved={moved} />
        {props.children}
      </ReactFlow>
    </CanvasContext>
  );
}

/** What never changes, and so never redraws anything. */
const fixed = {
  nodeTypes: { box: BoxNode },
  edgeTypes: { line: EdgeLine },
  connectOnClick: false,
  connectionLineType: ConnectionLineType.Bezier,
  connectionRadius: 36,
  deleteKeyCode: null,
  disableKeyboardA11y: true,
  nodesFocusable: true,
  edgesFocusable: false,
  multiSelectionKeyCode: ["Meta", "Control", "Shift"],
  selectionMode: SelectionMode.Partial,
  minZoom: 0.1,
  maxZoom: 1.75,
  snapToGrid: true,
  snapGrid: [8, 8] as [number, number],
  onInit: showAtFirst,
};

function edgeOf(link: Connection | Line): FlowEdge {
  return makeEdge(link.source, link.sourceHandle ?? defaultPort, link.target);
}

function useHandlers(
  props: CanvasProps,
  reactFlow: ReactFlowInstance<Box, Line>,
  setBoxes: Dispatch<SetStateAction<Box[]>>,
) {
  const { flow, types, selection, onSelect, onCommand } = props;
  const toFlow = ({ x, y }: ScreenPoint): Position => {
    const place = reactFlow.screenToFlowPosition({ x, y });
    return [place.x, place.y];
  };
  const settle = (moved: Box[], grabbed?: string) => {
    const places = Object.fromEntries(
      moved.map((box): [string, Position] => [box.id, [box.position.x, box.position.y]]),
    );
    onCommand?.(dropNodes(flow, types, places, grabbed));
  };
  const endPull: OnConnectEnd = (event, end) => {
    const point = "changedTouches" in event ? event.changedTouches[0] : event;
    const from = end.fromHandle;
    if (end.isValid || !point || from?.type !== "source" || !from.id) return;
    // A pull may end anywhere on a node, not only on its small entry.
    const target = end.toNode?.id ?? elementAt(point, ".react-flow__node")?.dataset.id;
    if (target !== undefined) {
      const edge = makeEdge(from.nodeId, from.id, target);
      const refusal = refuseEdge(flow, types, edge);
      if (refusal) props.onRefuse?.(refusal);
      else onCommand?.(edit.connect(flow, types, edge));
      return;
    }
    const screen = { x: point.clientX, y: point.clientY };
    const after = { node: from.nodeId, port: from.id };
    if (distance(end.from, end.to) > 24) props.onAsk?.({ at: toFlow(screen), screen, after });
  };
  return {
    onNodesChange: useStable((changes: NodeChange<Box>[]) => {
      const chosen = selectionAfter(selection.nodes, changes);
      if (chosen) onSelect({ ...selection, nodes: chosen });
      const moves = changes.filter((it) => it.type === "position" || it.type === "dimensions");
      if (moves.length > 0) {
        setBoxes((now) => applyNodeChanges([...moves, ...movesInside(flow, now, moves)], now));
      }
    }),
    onEdgesChange: useStable((changes: EdgeChange<Line>[]) => {
      const chosen = selectionAfter(selection.edges, changes);
      if (chosen) onSelect({ ...selection, edges: chosen });
    }),
    onNodeDragStop: useStable((_: unknown, grabbed: Box, moved: Box[]) =>
      settle(moved, grabbed.id),
    ),
    onSelectionDragStop: useStable((_: unknown, moved: Box[]) => settle(moved)),
    onNodeClick: useStable((event: ReactMouseEvent, box: Box) => {
      if (!event.shiftKey && !event.ctrlKey && !event.metaKey) props.onOpen?.(box.id);
    }),
    onPaneClick: useStable(() => onSelect({ nodes: new Set(), edges: new Set() })),
    onConnect: useStable((link: Connection) =>
      onCommand?.(edit.connect(flow, types, edgeOf(link))),
    ),
    onConnectEnd: useStable(endPull),
    onReconnect: useStable((line: Line, link: Connection) =>
      onCommand?.(edit.reconnect(flow, types, line.id, edgeOf(link))),
    ),
    isValidConnection: useStable(
      (link: Connection | Line) => refuseEdge(flow, types, edgeOf(link)) === null,
    ),
    onDragOver: useStable((event: DragEvent) => {
      if (event.dataTransfer.types.includes(draggedType)) event.preventDefault();
    }),
    onDrop: useStable((event: DragEvent) => {
      const type = event.dataTransfer.getData(draggedType);
      if (!type) return;
      event.preventDefault();
      const screen = { x: event.clientX, y: event.clientY };
      const edge = elementAt(event, ".react-flow__edge")?.getAttribute("data-id");
      const request: AddRequest = { at: toFlow(screen), screen };
      const inside = boxAt(flow, types, request.at);
      props.onDropType?.(
        type,
        edge ? { ...request, edge } : inside ? { ...request, inside } : request,
      );
    }),
  };
}

function useShared(
  { runId = null, readOnly = false, onAsk }: CanvasProps,
  reactFlow: ReactFlowInstance<Box, Line>,
): CanvasShared {
  const asks = onAsk !== undefined && !readOnly;
  const ask = useStable((screen: ScreenPoint, what: Omit<AddRequest, "at" | "screen">) => {
    const { x, y } = reactFlow.screenToFlowPosition(screen);
    onAsk?.({ at: [x, y], screen, ...what });
  });
  return useMemo(
    () => ({
      runId,
      readOnly,
      ...(asks && {
        onPull: (after: PortEnd, screen: ScreenPoint) => ask(screen, { after }),
        onInsert: (edge: string, screen: ScreenPoint) => ask(screen, { edge }),
        onFill: (inside: string, screen: ScreenPoint) => ask(screen, { inside }),
      }),
    }),
    [runId, readOnly, asks, ask],
  );
}

/** While a loop is dragged, what stands inside it comes along. */
function movesInside(
  flow: FlowDocument,
  boxes: Box[],
  changes: NodeChange<Box>[],
): NodeChange<Box>[] {
  const places: Record<string, Position> = {};
  for (const change of changes) {
    if (change.type === "position" && change.position && change.dragging) {
      places[change.id] = [change.position.x, change.position.y];
    }
  }
  const dragged = new Set(Object.keys(places));
  const inside = dragged.size > 0 ? standingInside(flow, dragged) : null;
  if (!inside || inside.size === 0) return [];
  const all = withInsides(flow, places);
  return boxes.flatMap((box): NodeChange<Box>[] => {
    const place = inside.has(box.id) ? all[box.id] : undefined;
    return place ? [{ type: "position", id: box.id, position: { x: place[0], y: place[1] } }] : [];
  });
}

function elementAt(
  { clientX, clientY }: { clientX: number; clientY: number },
  selector: string,
): HTMLElement | null {
  for (const element of document.elementsFromPoint(clientX, clientY)) {
    const found = element.closest<HTMLElement>(selector);
    if (found) return found;
  }
  return null;
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

/** The flow as a graph that people handle. It draws a document and answers with commands. */
import "@xyflow/react/dist/base.css";
import { useLingui } from "@lingui/react/macro";
import {
  ConnectionLineType,
  type EdgeChange,
  type NodeChange,
  ReactFlow,
  type ReactFlowInstance,
  ReactFlowProvider,
  SelectionMode,
  useKeyPress,
  useReactFlow,
  useStoreApi,
} from "@xyflow/react";
import {
  type Dispatch,
  type MouseEvent as ReactMouseEvent,
  type ReactNode,
  type Ref,
  type RefObject,
  type SetStateAction,
  Suspense,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useStore } from "zustand";
import type { Command } from "~/model/command.ts";
import type { EdgeRefusal } from "~/model/edge.ts";
import type { FlowDocument, Position } from "~/model/flow.ts";
import type { NodeTypes } from "~/model/port.ts";
import type { Level } from "~/model/problem.ts";
import { useLate } from "~/ui/late.ts";
import { ahead, later } from "~/ui/later.ts";
import { loadable } from "~/ui/loadable.tsx";
import { useStable } from "~/ui/stable.ts";
import { BoxNode } from "./BoxNode.tsx";
import { CanvasControls, showAtFirst, showWhole } from "./CanvasControls.tsx";
import classes from "./canvas.module.css";
import { CanvasContext, type CanvasShared, type PortEnd, type ScreenPoint } from "./context.ts";
import { Dots } from "./Dots.tsx";
import { EdgeLine } from "./EdgeLine.tsx";
import { FrameBox } from "./FrameBox.tsx";
import { isPainted, useFarChoice } from "./far/choice.ts";
import { useAtHand, useFar } from "./far/far.ts";
import { useAsking } from "./gesture/ask.ts";
import { useCarrying } from "./gesture/carry.ts";
import { useKnife } from "./gesture/knife.ts";
import { useMenus } from "./gesture/menu.ts";
import { useMoving } from "./gesture/move.ts";
import { usePulling } from "./gesture/pull.ts";
import { useShelf } from "./gesture/shelf.ts";
import { useHandProps } from "./hand.ts";
import { createHint, HintContext, type HintStore } from "./hint.ts";
import { Ghosts, Knife } from "./Knife.tsx";
import { LoopBoxes } from "./LoopBoxes.tsx";
import { NoteBox } from "./NoteBox.tsx";
import {
  type Drawn,
  drawLines,
  drawnAlike,
  drawShapes,
  type Line,
  manyNodes,
  noteIdOf,
  nothing,
  type Selection,
  type Shape,
  standsAlike,
} from "./shape.ts";
import { type CanvasView, useCanvasHandle } from "./view.ts";
import { useDescriptions } from "./words.ts";

const [FarLayer, loadFarLayer] = loadable(
  async () => (await import("./far/FarLayer.tsx")).FarLayer,
);
const FlowMap = later(async () => ({ default: (await import("./FlowMap.tsx")).FlowMap }));

/** Where a node is asked for: a point on the canvas, and what it follows or stands on. */
export interface AddRequest {
  at: Position;
  screen: ScreenPoint;
  after?: PortEnd;
  /** The node that it is to lead to. */
  before?: string;
  edge?: string;
  /** The loop in whose box it is asked for. */
  inside?: string;
  /** It is to stand right there, whatever is chosen. */
  exact?: true;
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
  /** What is said at nodes, by id. */
  badges?: ReadonlyMap<string, ReactNode>;
  view?: Ref<CanvasView>;
  /** Shows all of the flow at first, however small that makes it. */
  whole?: boolean;
  /** What can be done here is asked for, by the right button or its key. */
  onMenu?: (menu: MenuRequest) => void;
  children?: ReactNode;
}

/** Where a list of what can be done is asked for, and on what. */
export interface MenuRequest {
  on: "node" | "edge" | "note" | "canvas";
  screen: ScreenPoint;
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

const hasSame = <Item,>(left: Item[], right: Item[]): boolean =>
  left.length === right.length && left.every((item, index) => item === right[index]);

/**
 * The document as it was when something that is seen of it last changed.
 *
 * What is typed beside the canvas is drawn here after the key: one looks at the field.
 */
function useShown(flow: FlowDocument, types: NodeTypes): FlowDocument {
  const [last, setLast] = useState(flow);
  const shown = drawnAlike(last, flow, types) ? last : flow;
  if (last !== shown) setLast(shown);
  return useLate(shown, standsAlike);
}

/** Shapes follow the document; while one is dragged it is ahead of it. */
function useDrawn(drawn: Drawn) {
  const [shapes, setShapes] = useState<Shape[]>(() => drawShapes(drawn, new Map()));
  const [lines, setLines] = useState<Line[]>(() => drawLines(drawn, new Map()));
  const [last, setLast] = useState(drawn);
  if (last !== drawn) {
    setLast(drawn);
    // As long as nothing looks different, React Flow is not to go through all of them.
    const nextShapes = drawShapes(drawn, byId(shapes));
    if (!hasSame(shapes, nextShapes)) setShapes(nextShapes);
    const nextLines = drawLines(drawn, byId(lines));
    if (!hasSame(lines, nextLines)) setLines(nextLines);
  }
  return {
    shapes,
    lines,
    setShapes,
    /** Puts everything back where the document has it. */
    redraw: () => setShapes((now) => drawShapes(drawn, byId(now))),
  };
}

function Surface(props: CanvasProps) {
  const { flow, types, levels, selection, at, readOnly = false } = props;
  const { t } = useLingui();
  const reactFlow = useReactFlow<Shape, Line>();
  const shown = useShown(flow, types);
  const drawn = useMemo(
    () => ({ flow: shown, types, levels, selection, at }),
    [shown, types, levels, selection, at],
  );
  const { shapes, lines, setShapes, redraw } = useDrawn(drawn);
  const [hint] = useState(createHint);
  const leaping = useStore(hint, (it) => it.leaping);
  const far = useFar() || leaping;
  const { drawnShapes, drawnLines, under, ...nearing } = useAtHand(
    { far, shapes, lines, at },
    reactFlow,
  );
  const [map, setMap] = useState(false);
  const turnMap = useStable(() => setMap(!map));
  const moved = useRef(false);
  // Anything new among these props has React Flow ask everything that is drawn whether it changed.
  const noteMove = useStable((event: unknown) => {
    if (event) moved.current = true;
  });
  const pointing = useCanvasHandle(props.view, { reactFlow, flow, types, moved, hint });
  const large = flow.nodes.length > manyNodes;
  useEffect(() => {
    if (large) ahead(loadFarLayer);
  }, [large]);
  const handlers = useHandlers(props, reactFlow, { setShapes, redraw, hint, under });
  useFarChoice(far, shapes, props);
  const shared = useShared(props, reactFlow, moved);
  const described = useDescriptions();
  const hand = useHandProps();
  const spaced = useKeyPress("Space", { preventDefault: false });

  return (
    <CanvasContext value={shared}>
      <HintContext value={hint}>
        <ReactFlow<Shape, Line>
          {...handlers}
          {...pointing}
          {...nearing}
          {...fixed}
          {...hand}
          onInit={props.whole ? showWhole : showAtFirst}
          className={classes.canvas}
          nodes={drawnShapes}
          edges={drawnLines}
          // While Space is held a drag moves what is seen, also where it begins on a node.
          nodesDraggable={!readOnly && !spaced}
          nodesConnectable={!readOnly}
          edgesReconnectable={!readOnly}
          onMove={noteMove}
          onlyRenderVisibleElements={large}
          aria-label={t`Flow`}
          ariaLabelConfig={described}
        >
          <Dots />
          <LoopBoxes flow={shown} types={types} shapes={shapes} />
          <Suspense>
            {far && <FarLayer shapes={shapes} lines={lines} runId={props.runId ?? null} />}
          </Suspense>
          <Knife />
          <Ghosts />
          <Suspense>{map && <FlowMap boxes={shapes} moved={moved} />}</Suspense>
          {props.children}
          <CanvasControls map={map} onMap={turnMap} moved={moved} readOnly={readOnly} />
        </ReactFlow>
      </HintContext>
    </CanvasContext>
  );
}

/** What never changes, and so never redraws anything. */
const fixed = {
  nodeTypes: { box: BoxNode, note: NoteBox, frame: FrameBox },
  edgeTypes: { line: EdgeLine },
  connectOnClick: false,
  connectionLineType: ConnectionLineType.Bezier,
  connectionRadius: 36,
  reconnectRadius: 17,
  deleteKeyCode: null,
  disableKeyboardA11y: true,
  elevateNodesOnSelect: false,
  nodesFocusable: true,
  edgesFocusable: false,
  multiSelectionKeyCode: ["Meta", "Control", "Shift"],
  // With it a drag across the canvas chooses what it touches; with Ctrl a node's drag copies it.
  selectionKeyCode: "Shift",
  zoomOnDoubleClick: false,
  selectionMode: SelectionMode.Partial,
  minZoom: 0.1,
  maxZoom: 1.75,
  snapToGrid: true,
  snapGrid: [8, 8] as [number, number],
};

interface Means {
  setShapes: Dispatch<SetStateAction<Shape[]>>;
  redraw: () => void;
  hint: HintStore;
  /** The node of the picture that a pointer is at. */
  under: (event: ReactMouseEvent) => string | null;
}

function useHandlers(props: CanvasProps, reactFlow: ReactFlowInstance<Shape, Line>, means: Means) {
  const { selection, onSelect } = props;
  const { hint, under } = means;
  // One click chooses an edge and lets go of nodes by two changes, before anything is drawn anew.
  const latest = useRef(selection);
  useLayoutEffect(() => {
    latest.current = selection;
  });
  const choose = (next: Selection) => {
    latest.current = next;
    onSelect(next);
  };
  const store = useStoreApi();
  const { askThere, ...asking } = useAsking(props, reactFlow);
  const { follow, ...moving } = useMoving(props, hint, means.setShapes, means.redraw);
  return {
    ...moving,
    ...usePulling(props, reactFlow),
    ...useKnife(props, reactFlow, hint),
    ...useCarrying(props, reactFlow, hint),
    ...useShelf(props, reactFlow, hint),
    ...asking,
    ...useMenus(props, hint),
    onNodesChange: useStable((changes: NodeChange<Shape>[]) => {
      // What the picture shows is chosen by the picture: React Flow knows little of it.
      const painted = isPainted(store.getState());
      const chosen = painted ? null : chosenAfter(latest.current, changes);
      if (chosen) choose(chosen);
      const moves = changes.filter((it) => it.type === "position" || it.type === "dimensions");
      if (moves.length > 0) follow(moves);
    }),
    onEdgesChange: useStable((changes: EdgeChange<Line>[]) => {
      const edges = setAfter(latest.current.edges, changes);
      if (edges) choose({ ...latest.current, edges });
    }),
    onNodeClick: useStable((event: ReactMouseEvent, shape: Shape) => {
      const along = event.shiftKey || event.ctrlKey || event.metaKey || event.altKey;
      if (along) return;
      const note = noteIdOf(shape.id);
      if (note === null) props.onOpen?.(shape.id);
      else choose({ ...nothing, notes: new Set([note]) });
    }),
    onNodeDoubleClick: useStable((_: ReactMouseEvent, shape: Shape) => {
      const note = noteIdOf(shape.id);
      if (note !== null && !props.readOnly) hint.setState({ editing: note });
    }),
    onPaneClick: useStable((event: ReactMouseEvent) => {
      if (event.ctrlKey || event.metaKey) return askThere(event);
      const node = under(event);
      if (node === null) onSelect(nothing);
      // A finger does not point before it presses. React Flow is yet to take back what was chosen.
      else queueMicrotask(() => props.onOpen?.(node));
    }),
  };
}

function useShared(
  props: CanvasProps,
  reactFlow: ReactFlowInstance<Shape, Line>,
  moved: RefObject<boolean>,
): CanvasShared {
  const { runId = null, readOnly = false, badges, onAsk } = props;
  const asks = onAsk !== undefined && !readOnly;
  const ask = useStable((screen: ScreenPoint, what: Omit<AddRequest, "at" | "screen">) => {
    const { x, y } = reactFlow.screenToFlowPosition(screen);
    onAsk?.({ at: [x, y], screen, ...what });
  });
  const flow = useStable(() => props.flow);
  const perform = useStable((command: Command | null) => props.onCommand?.(command));
  const onChoose = useStable((note: string, along: boolean) => {
    const { selection, onSelect } = props;
    const notes = new Set(along ? selection.notes : []);
    if (!notes.delete(note)) notes.add(note);
    onSelect(along ? { ...selection, notes } : { nodes: new Set(), edges: new Set(), notes });
  });
  return useMemo(
    () => ({
      runId,
      readOnly,
      flow,
      badges,
      moved,
      onChoose,
      ...(!readOnly && { perform }),
      ...(asks && {
        onPull: (after: PortEnd, screen: ScreenPoint) => ask(screen, { after }),
        onInsert: (edge: string, screen: ScreenPoint) => ask(screen, { edge }),
        onFill: (inside: string, screen: ScreenPoint) => ask(screen, { inside }),
      }),
    }),
    [runId, readOnly, badges, moved, asks, ask, flow, perform, onChoose],
  );
}

/** The set that React Flow's changes lead to, or null where they change nothing. */
function setAfter(
  before: ReadonlySet<string>,
  changes: (NodeChange<Shape> | EdgeChange<Line>)[],
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

/** The selection that changes of shapes lead to: nodes and notes apart. */
function chosenAfter(before: Selection, changes: NodeChange<Shape>[]): Selection | null {
  const picks = changes.filter((change) => change.type === "select");
  const nodes = setAfter(
    before.nodes,
    picks.filter((pick) => noteIdOf(pick.id) === null),
  );
  const notes = setAfter(
    before.notes ?? new Set(),
    picks.flatMap((pick) => {
      const id = noteIdOf(pick.id);
      return id === null ? [] : [{ ...pick, id }];
    }),
  );
  if (!nodes && !notes) return null;
  return { ...before, ...(nodes && { nodes }), ...(notes && { notes }) };
}

/** What a page may ask of a canvas: to show something, and where things and the pointer are. */
import type { ReactFlowInstance } from "@xyflow/react";
import {
  type PointerEvent,
  type Ref,
  type RefObject,
  useEffect,
  useImperativeHandle,
  useRef,
} from "react";
import type { FlowDocument, Position } from "~/model/flow.ts";
import { shownPositions, sizeOf } from "~/model/place.ts";
import type { NodeTypes } from "~/model/port.ts";
import { useStable } from "~/ui/stable.ts";
import type { ScreenPoint } from "./context.ts";
import { fitInto } from "./far/leap.ts";
import type { Carried, HintStore } from "./hint.ts";
import { type Line, type Shape, shapeIdOf } from "./shape.ts";

/** Between a node that was brought into sight and the edge of what is seen. */
const air = 40;
/** Who asked for less motion finds the canvas where it would have glided. */
const still = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;
export const glide = { duration: still ? 0 : 200 };
/** From afar most nodes are painted only, which React Flow calls hidden. */
const everything = { includeHiddenNodes: true, ...glide };
export const fitting = { padding: 0.12, maxZoom: 1, ...everything };
/** Beside a panel: smaller rather than cut off. */
const narrowed = { padding: 0.05, minZoom: 0.4, maxZoom: 1, ...everything };
const legible = 0.8;

export interface CanvasView {
  fit: () => void;
  /** Brings some nodes and notes into sight, as large as they can be read. */
  fitTo: (chosen: { nodes: ReadonlySet<string>; notes?: ReadonlySet<string> | undefined }) => void;
  /** Brings a node into sight. */
  show: (node: string) => void;
  /** Brings a node into sight only where it is out of it. */
  reveal: (node: string) => void;
  /** Brings a node into sight when the room has changed: the whole flow, until somebody moves it. */
  keep: (node: string) => void;
  /** The middle of what is seen, on the canvas. */
  middle: () => Position;
  /** Where the pointer last was, if that was over the canvas and no key came after it. */
  pointer: () => ScreenPoint | null;
  /** What comes next is meant for this point, wherever the pointer has gone since. */
  pointAt: (screen: ScreenPoint) => void;
  zoomIn: () => void;
  zoomOut: () => void;
  /** Everything in its own size. */
  zoomFull: () => void;
  toFlow: (screen: ScreenPoint) => Position;
  toScreen: (place: Position) => ScreenPoint;
  /** Opens a note, or a group's title, to be written in. */
  write: (note: string | null) => void;
  /** Takes up the knife, or puts it away: a plain drag cuts edges while it is up. */
  takeKnife: () => void;
  /** Picks nodes and notes up, to be put down where one clicks next. */
  carry: (carried: Carried) => void;
}

interface Means {
  reactFlow: ReactFlowInstance<Shape, Line>;
  flow: FlowDocument;
  types: NodeTypes;
  moved: RefObject<boolean>;
  hint: HintStore;
}

/** Gives the page its handle, and the canvas the listeners that it needs. */
export function useCanvasHandle(view: Ref<CanvasView> | undefined, means: Means) {
  const { reactFlow, flow, types, moved, hint } = means;
  const pointer = useRef<ScreenPoint | null>(null);
  useImperativeHandle(view, () => {
    const looking = lookingAt(reactFlow, flow, types);
    return {
      ...looking,
      fit: () => void fitInto(reactFlow, hint, fitting),
      fitTo: ({ nodes, notes = new Set() }) => {
        const ids = [...nodes, ...[...notes].map(shapeIdOf)].map((id) => ({ id }));
        if (ids.length > 0) void fitInto(reactFlow, hint, { ...fitting, nodes: ids });
      },
      keep: (id) => {
        const whole = moved.current ? null : reactFlow.fitView(narrowed);
        void Promise.resolve(whole).then(() => looking.reveal(id));
      },
      pointer: () => pointer.current,
      pointAt: (screen) => {
        pointer.current = screen;
      },
      ...zoomingIn(reactFlow, moved),
      write: (editing) => hint.setState({ editing }),
      carry: (carried) => hint.setState({ carried }),
      takeKnife: () => hint.setState({ cutting: !hint.getState().cutting }),
    };
  }, [reactFlow, flow, types, moved, hint]);
  useEffect(() => {
    // Whoever goes on with the keyboard has Tab for themselves.
    const forget = () => {
      pointer.current = null;
    };
    addEventListener("keyup", forget);
    return () => removeEventListener("keyup", forget);
  }, []);
  return {
    onPointerMove: useStable((event: PointerEvent) => {
      if (event.pointerType === "mouse") pointer.current = { x: event.clientX, y: event.clientY };
    }),
    onPointerLeave: useStable(() => {
      pointer.current = null;
    }),
  };
}

function zoomingIn(reactFlow: ReactFlowInstance<Shape, Line>, moved: RefObject<boolean>) {
  const zoom = (act: () => Promise<boolean>) => () => {
    moved.current = true;
    void act();
  };
  return {
    zoomIn: zoom(() => reactFlow.zoomIn(glide)),
    zoomOut: zoom(() => reactFlow.zoomOut(glide)),
    zoomFull: zoom(() => reactFlow.zoomTo(1, glide)),
  };
}

/** How far a stretch must be moved to lie in another, with some air; its beginning comes first. */
function shortfall(start: number, end: number, low: number, high: number): number {
  if (start < low) return low + air - start;
  if (end > high) return Math.max(high - air - end, low + air - start);
  return 0;
}

function lookingAt(
  reactFlow: ReactFlowInstance<Shape, Line>,
  flow: FlowDocument,
  types: NodeTypes,
) {
  const toFlow = (screen: ScreenPoint): Position => {
    const { x, y } = reactFlow.screenToFlowPosition(screen);
    return [x, y];
  };
  const seen = () => document.querySelector(".react-flow")?.getBoundingClientRect();
  const roomOf = (id: string) => {
    const node = flow.nodes.find((it) => it.id === id);
    const place = shownPositions(flow).get(id);
    return node && place ? { x: place[0], y: place[1], ...sizeOf(node, types) } : null;
  };
  const show = (id: string, least: number) => {
    const room = roomOf(id);
    if (!room) return;
    const zoom = Math.max(reactFlow.getZoom(), least);
    const [x, y] = [room.x + room.width / 2, room.y + room.height / 2];
    void reactFlow.setCenter(x, y, { zoom, ...glide });
  };
  return {
    show: (id: string) => show(id, legible),
    reveal: (id: string) => {
      const [room, box] = [roomOf(id), seen()];
      if (!room || !box) return;
      const start = reactFlow.flowToScreenPosition({ x: room.x, y: room.y });
      const end = reactFlow.flowToScreenPosition({
        x: room.x + room.width,
        y: room.y + room.height,
      });
      // No further than it must: what stands beside the node is what one looks at as well.
      const by = [
        shortfall(start.x, end.x, box.left, box.right),
        shortfall(start.y, end.y, box.top, box.bottom),
      ] as const;
      if (by[0] === 0 && by[1] === 0) return;
      const { x, y, zoom } = reactFlow.getViewport();
      void reactFlow.setViewport({ x: x + by[0], y: y + by[1], zoom }, glide);
    },
    middle: (): Position => {
      const box = seen();
      if (!box) return [0, 0];
      return toFlow({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
    },
    toFlow,
    toScreen: ([x, y]: Position) => reactFlow.flowToScreenPosition({ x, y }),
  };
}

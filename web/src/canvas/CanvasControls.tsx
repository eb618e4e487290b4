/** Zoom, fit and minimap buttons, and what a page may ask of a canvas. */
import { useLingui } from "@lingui/react/macro";
import { ActionIcon, Tooltip } from "@mantine/core";
import { Panel, type ReactFlowInstance, useReactFlow } from "@xyflow/react";
import { Map as MapIcon, Maximize, Minus, Plus } from "lucide-react";
import { type ReactNode, type Ref, type RefObject, useImperativeHandle } from "react";
import type { FlowDocument, Position } from "~/model/flow.ts";
import { shownPositions, sizeOf } from "~/model/place.ts";
import type { NodeTypes } from "~/model/port.ts";
import classes from "./canvas.module.css";
import type { ScreenPoint } from "./context.ts";
import type { Box, Line } from "./shape.ts";

const glide = { duration: 200 };
const fitting = { padding: 0.12, maxZoom: 1, ...glide };
/** Beside a panel: smaller rather than cut off. */
const narrowed = { padding: 0.05, minZoom: 0.4, maxZoom: 1, ...glide };
const readable = 0.5;
const closer = 0.75;

/** All of the flow where it can be read; else its beginning, from where one goes on. */
export function showAtFirst(reactFlow: ReactFlowInstance<Box, Line>): void {
  const boxes = reactFlow.getNodes();
  const room = document.querySelector(".react-flow")?.getBoundingClientRect();
  const [first] = boxes.toSorted((left, right) => left.position.x - right.position.x);
  if (!room || !first || room.width === 0) return;
  const bounds = reactFlow.getNodesBounds(boxes);
  const zoom = Math.min(room.width / (bounds.width * 1.24), room.height / (bounds.height * 1.24));
  if (zoom >= readable) {
    void reactFlow.fitView({ padding: 0.12, maxZoom: 1 });
    return;
  }
  const y = room.height / 2 - (first.position.y + (first.height ?? 0) / 2) * closer;
  void reactFlow.setViewport({ x: 32 - first.position.x * closer, y, zoom: closer });
}

export interface CanvasView {
  fit: () => void;
  /** Brings a node into sight. */
  show: (node: string) => void;
  /** Brings a node into sight only where it is out of it. */
  reveal: (node: string) => void;
  /** Brings a node into sight when the room has changed: the whole flow, until somebody moves it. */
  keep: (node: string) => void;
  /** The middle of what is seen, on the canvas. */
  middle: () => Position;
  toFlow: (screen: ScreenPoint) => Position;
  toScreen: (place: Position) => ScreenPoint;
}

export function useCanvasHandle(
  view: Ref<CanvasView> | undefined,
  reactFlow: ReactFlowInstance<Box, Line>,
  flow: FlowDocument,
  types: NodeTypes,
  moved: RefObject<boolean>,
): void {
  useImperativeHandle(view, () => {
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
    const reveal = (id: string) => {
      const [room, box] = [roomOf(id), seen()];
      if (!room || !box) return;
      const start = reactFlow.flowToScreenPosition({ x: room.x, y: room.y });
      const end = reactFlow.flowToScreenPosition({
        x: room.x + room.width,
        y: room.y + room.height,
      });
      const outside =
        start.x < box.left || start.y < box.top || end.x > box.right || end.y > box.bottom;
      if (outside) show(id, 0);
    };
    return {
      fit: () => void reactFlow.fitView(fitting),
      show: (id) => show(id, 0.8),
      reveal,
      keep: (id) => {
        const whole = moved.current ? null : reactFlow.fitView(narrowed);
        void Promise.resolve(whole).then(() => reveal(id));
      },
      middle: () => {
        const box = seen();
        if (!box) return [0, 0];
        return toFlow({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
      },
      toFlow,
      toScreen: ([x, y]) => reactFlow.flowToScreenPosition({ x, y }),
    };
  }, [reactFlow, flow, types, moved]);
}

interface CanvasControlsProps {
  map: boolean;
  onMap: () => void;
  /** Whether what is seen was chosen by the person. */
  moved: RefObject<boolean>;
}

export function CanvasControls({ map, onMap, moved }: CanvasControlsProps) {
  const { t } = useLingui();
  const { zoomIn, zoomOut, fitView } = useReactFlow();
  const zoom = (by: typeof zoomIn) => () => {
    moved.current = true;
    void by(glide);
  };
  const fit = () => {
    moved.current = false;
    void fitView(fitting);
  };
  return (
    <Panel position="bottom-left" className={classes.controls}>
      <Control label={t`Zoom out`} onClick={zoom(zoomOut)}>
        <Minus size={16} />
      </Control>
      <Control label={t`Zoom in`} onClick={zoom(zoomIn)}>
        <Plus size={16} />
      </Control>
      <Control label={t`Show the whole flow`} onClick={fit}>
        <Maximize size={15} />
      </Control>
      <Control label={map ? t`Hide the map` : t`Show the map`} pressed={map} onClick={onMap}>
        <MapIcon size={15} />
      </Control>
    </Panel>
  );
}

interface ControlProps {
  label: string;
  pressed?: boolean;
  onClick: () => void;
  children: ReactNode;
}

function Control({ label, pressed, onClick, children }: ControlProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant={pressed ? "light" : "subtle"}
        color={pressed ? "tramo" : "gray"}
        size={32}
        aria-label={label}
        aria-pressed={pressed}
        onClick={onClick}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

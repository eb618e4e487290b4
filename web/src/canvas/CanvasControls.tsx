/** Zoom, fit, knife and minimap buttons, and where a canvas begins. */
import { useLingui } from "@lingui/react/macro";
import { ActionIcon } from "@mantine/core";
import { Panel, type ReactFlowInstance, useReactFlow } from "@xyflow/react";
import {
  Hand,
  Map as MapIcon,
  Maximize,
  Minus,
  Plus,
  Scissors,
  SquareDashedMousePointer,
} from "lucide-react";
import { memo, type ReactNode, type RefObject } from "react";
import { Tip } from "~/ui/Tip.tsx";
import classes from "./canvas.module.css";
import { fitInto } from "./far/leap.ts";
import { turnHand, useHand } from "./hand.ts";
import { useHint, useHintStore } from "./hint.ts";
import type { Line, Shape } from "./shape.ts";
import { fitting, glide } from "./view.ts";

const readable = 0.5;
const closer = 0.75;

/** All of the flow where it can be read; else its beginning, from where one goes on. */
export function showAtFirst(reactFlow: ReactFlowInstance<Shape, Line>): void {
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

/** For an overview, beside another one. */
export function showWhole(reactFlow: ReactFlowInstance<Shape, Line>): void {
  void reactFlow.fitView({ padding: 0.12, maxZoom: 1 });
}

interface CanvasControlsProps {
  map: boolean;
  onMap: () => void;
  /** Whether what is seen was chosen by the person. */
  moved: RefObject<boolean>;
  readOnly: boolean;
}

export const CanvasControls = memo(function CanvasControls(props: CanvasControlsProps) {
  const { map, onMap, moved, readOnly } = props;
  const { t } = useLingui();
  const cutting = useHint((hint) => hint.cutting);
  const reactFlow = useReactFlow<Shape, Line>();
  const { zoomIn, zoomOut } = reactFlow;
  const hint = useHintStore();
  const zoom = (by: typeof zoomIn) => () => {
    moved.current = true;
    void by(glide);
  };
  const fit = () => {
    moved.current = false;
    void fitInto(reactFlow, hint, fitting);
  };
  return (
    <Panel position="bottom-left" className={classes.controls} data-cutting={cutting || undefined}>
      <Control label={t`Zoom out`} onClick={zoom(zoomOut)}>
        <Minus size={16} />
      </Control>
      <Control label={t`Zoom in`} onClick={zoom(zoomIn)}>
        <Plus size={16} />
      </Control>
      <Control label={t`Show the whole flow`} onClick={fit}>
        <Maximize size={15} />
      </Control>
      <HandControl />
      {!readOnly && <KnifeControl />}
      <Control label={map ? t`Hide the map` : t`Show the map`} pressed={map} onClick={onMap}>
        <MapIcon size={15} />
      </Control>
    </Panel>
  );
});

function HandControl() {
  const { t } = useLingui();
  const board = useHand() === "board";
  return (
    <Control
      label={board ? t`A plain drag chooses` : t`A plain drag moves the view`}
      onClick={turnHand}
    >
      {board ? <SquareDashedMousePointer size={15} /> : <Hand size={15} />}
    </Control>
  );
}

function KnifeControl() {
  const { t } = useLingui();
  const hint = useHintStore();
  const cutting = useHint((it) => it.cutting);
  return (
    <Control
      label={cutting ? t`Stop cutting edges` : t`Cut edges: drag across them`}
      pressed={cutting}
      onClick={() => hint.setState({ cutting: !cutting })}
    >
      <Scissors size={15} />
    </Control>
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
    <Tip label={label}>
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
    </Tip>
  );
}

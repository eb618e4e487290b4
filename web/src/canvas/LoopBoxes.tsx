/** The boxes around what a loop does for each item; they follow their nodes while these move. */
import { Trans, useLingui } from "@lingui/react/macro";
import { ViewportPortal } from "@xyflow/react";
import { Plus, Repeat } from "lucide-react";
import { memo } from "react";
import type { FlowDocument } from "~/model/flow.ts";
import { loopBoxes, shownPositions } from "~/model/place.ts";
import type { NodeTypes } from "~/model/port.ts";
import { nodeTitle } from "~/model/variable.ts";
import classes from "./canvas.module.css";
import { useCanvas } from "./context.ts";
import { useHint } from "./hint.ts";
import type { Shape } from "./shape.ts";

interface LoopBoxesProps {
  flow: FlowDocument;
  types: NodeTypes;
  shapes: Shape[];
}

export const LoopBoxes = memo(function LoopBoxes({ flow, types, shapes }: LoopBoxesProps) {
  const { onFill } = useCanvas();
  const moving = useHint((hint) => hint.moving);
  const target = useHint((hint) => hint.box);
  const places = new Map(shapes.map((shape) => [shape.id, shape.position]));
  const shown = moving.size > 0 ? shownPositions(flow) : null;
  const loopOf = new Map(flow.nodes.map((node) => [node.id, node.inside]));
  // A box stays as it was while a node is dragged out of it: one sees what one leaves.
  const leaves = (id: string) => moving.has(id) && !moving.has(loopOf.get(id) ?? "");
  const drawn = loopBoxes(flow, types, (id) => {
    const place = places.get(id);
    return (leaves(id) && shown?.get(id)) || (place && [place.x, place.y]);
  });
  if (drawn.length === 0) return null;
  return (
    <ViewportPortal>
      {drawn.map(({ id, x, y, width, height, empty }) => (
        <div
          key={id}
          className={classes.loop}
          data-target={target === id || undefined}
          data-testid={`box-${id}`}
          style={{ transform: `translate(${x}px, ${y}px)`, width, height }}
        >
          <span className={classes.loopName}>
            <Repeat size={12} aria-hidden /> {nodeTitle(flow, types, id)}
          </span>
          {empty && onFill && <FillButton loop={id} title={nodeTitle(flow, types, id)} />}
        </div>
      ))}
    </ViewportPortal>
  );
});

/** What an empty box says: what belongs in it, and a way to put it there without dragging. */
function FillButton({ loop, title }: { loop: string; title: string }) {
  const { t } = useLingui();
  const { onFill } = useCanvas();
  return (
    <button
      type="button"
      className={classes.fill}
      aria-label={t`Put here what is done for each item: “${title}”`}
      onClick={(event) => {
        const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
        onFill?.(loop, { x: left + width / 2, y: top + height / 2 });
      }}
    >
      <Plus size={15} aria-hidden />
      <Trans>Put here what is done for each item</Trans>
    </button>
  );
}

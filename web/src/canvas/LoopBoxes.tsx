/** The boxes around what a loop does for each item; they follow their nodes while these move. */
import { ViewportPortal } from "@xyflow/react";
import { Repeat } from "lucide-react";
import type { FlowDocument } from "~/model/flow.ts";
import { loopBoxes } from "~/model/place.ts";
import type { NodeTypes } from "~/model/port.ts";
import { nodeTitle } from "~/model/variable.ts";
import classes from "./canvas.module.css";
import type { Box } from "./shape.ts";

interface LoopBoxesProps {
  flow: FlowDocument;
  types: NodeTypes;
  boxes: Box[];
}

export function LoopBoxes({ flow, types, boxes }: LoopBoxesProps) {
  if (!flow.nodes.some((node) => node.inside !== undefined)) return null;
  const places = new Map(boxes.map((box) => [box.id, box.position]));
  const drawn = loopBoxes(flow, types, (id) => {
    const place = places.get(id);
    return place && [place.x, place.y];
  });
  return (
    <ViewportPortal>
      {drawn.map(({ id, x, y, width, height }) => (
        <div
          key={id}
          className={classes.loop}
          style={{ transform: `translate(${x}px, ${y}px)`, width, height }}
        >
          <span className={classes.loopName}>
            <Repeat size={12} aria-hidden /> {nodeTitle(flow, types, id)}
          </span>
        </div>
      ))}
    </ViewportPortal>
  );
}

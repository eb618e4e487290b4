/** An edge on the canvas; in a run it shows whether, and how often, something passed along it. */
import { useLingui } from "@lingui/react/macro";
import {
  BaseEdge,
  EdgeLabelRenderer,
  type EdgeProps,
  getBezierPath,
  type ReactFlowState,
  useStore,
} from "@xyflow/react";
import { Plus, X } from "lucide-react";
import { memo } from "react";
import { disconnect } from "~/model/edit.ts";
import { titleOfNode } from "~/model/title.ts";
import { stoppedAt, useStepState } from "~/runs/state.ts";
import { useFormat } from "~/ui/format.ts";
import { useCanvas, useInside } from "./context.ts";
import { curvature } from "./curve.ts";
import classes from "./edge.module.css";
import { useFar } from "./far/far.ts";
import { useHint } from "./hint.ts";
import { type BoxData, type Line, nameIdOfLine } from "./shape.ts";

/** What a node is called, as React Flow knows it. */
function titleIn({ nodeLookup }: ReactFlowState, id: string): string {
  const data = nodeLookup.get(id)?.data as BoxData | undefined;
  return data ? titleOfNode(data.node, data.type) : id;
}

export const EdgeLine = memo(function EdgeLine(props: EdgeProps<Line>) {
  return useInside() && <Whole {...props} />;
});

function Whole(props: EdgeProps<Line>) {
  const { t } = useLingui();
  const { id, source, target, data, selected } = props;
  const { runId, readOnly, onInsert, perform, flow } = useCanvas();
  const far = useFar();
  const format = useFormat();
  const state = useStepState(source, runId ?? "");
  const cut = useHint((hint) => hint.cut.has(id));
  const open = useHint((hint) => hint.edge === id);
  const name = useStore((it) => `${titleIn(it, source)} → ${titleIn(it, target)}`);
  const [path, x, y] = getBezierPath({ ...props, curvature });
  const port = data?.port ?? "out";
  const passed = state?.ports[port] ?? 0;
  // What failed at its source never came along; of what its error port took, all did.
  const stopped = state && port !== "error" ? stoppedAt(state) : 0;
  const place = { transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` };

  return (
    <>
      <desc id={nameIdOfLine(id)}>{name}</desc>
      <BaseEdge
        id={id}
        path={path}
        interactionWidth={far ? 0 : 22}
        className={classes.line}
        data-port={port}
        data-selected={selected || undefined}
        data-cut={cut || undefined}
        data-open={open || undefined}
        data-passed={runId ? passed > 0 : undefined}
      />
      {passed + stopped > 1 && !far && (
        <EdgeLabelRenderer>
          <span className={classes.count} style={place}>
            <span title={t`Passed here`}>{format.number(passed)}</span>
            {stopped > 0 && (
              <span className={classes.stopped} title={t`Failed before they came here`}>
                <X size={10} aria-label={t`Failed before they came here`} />
                {format.number(stopped)}
              </span>
            )}
          </span>
        </EdgeLabelRenderer>
      )}
      {selected && !readOnly && onInsert && (
        <EdgeLabelRenderer>
          <span className={`${classes.tools} nodrag nopan`} style={place}>
            <button
              type="button"
              className={classes.insert}
              aria-label={t`Insert a node here`}
              onClick={(event) => onInsert(id, { x: event.clientX, y: event.clientY })}
            >
              <Plus size={14} />
            </button>
            <button
              type="button"
              className={classes.insert}
              aria-label={t`Remove this edge`}
              onClick={() => perform?.(disconnect(flow(), new Set([id])))}
            >
              <X size={14} />
            </button>
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
}

/** A node on the canvas. It reads the state of its own step, so that a live run redraws only it. */
import { useLingui } from "@lingui/react/macro";
import { Handle, type NodeProps, Position } from "@xyflow/react";
import { Check, MessageSquareText, PenLine, Pin, TriangleAlert, Zap } from "lucide-react";
import { memo, useContext } from "react";
import { entryOffset, portOffset } from "~/model/place.ts";
import { titleOfNode } from "~/model/title.ts";
import { StateMark } from "~/runs/StateMark.tsx";
import { useStepState } from "~/runs/state.ts";
import { usePortTitle } from "~/runs/way.ts";
import { NodeIcon } from "~/ui/NodeIcon.tsx";
import { PinnedContext, useCanvas, useInside } from "./context.ts";
import { useFar } from "./far/far.ts";
import classes from "./node.module.css";
import type { Box } from "./shape.ts";

export const BoxNode = memo(function BoxNode(props: NodeProps<Box>) {
  return useFar() ? <Outline {...props} /> : <Whole {...props} />;
});

/** A node from afar: its name for who cannot see, and its colour for who can. */
function Outline({ id, data, selected }: NodeProps<Box>) {
  const { node, type, level } = data;
  const { runId } = useCanvas();
  const state = useStepState(id, runId ?? "");
  return (
    <div
      role="img"
      aria-label={titleOfNode(node, type)}
      className={classes.outline}
      data-kind={type?.kind ?? "unknown"}
      data-selected={selected || undefined}
      data-state={runId ? (state?.state ?? "idle") : undefined}
      data-level={runId ? undefined : level}
      data-testid={`node-${id}`}
    />
  );
}

function Whole(props: NodeProps<Box>) {
  const { id, data, selected } = props;
  const { node, type, level } = data;
  const { runId } = useCanvas();
  const state = useStepState(id, runId ?? "");
  const inside = useInside();
  return (
    <div
      className={classes.node}
      data-kind={type?.kind ?? "unknown"}
      data-selected={selected || undefined}
      data-disabled={node.disabled || undefined}
      data-state={runId ? (state?.state ?? "idle") : undefined}
      data-level={runId ? undefined : level}
      data-testid={`node-${id}`}
    >
      {inside && <Inside {...props} />}
    </div>
  );
}

function Inside({ id, data }: NodeProps<Box>) {
  const { t } = useLingui();
  const { node, type, ports, listed, joined, level } = data;
  const { runId, readOnly, badges, onPull } = useCanvas();
  const state = useStepState(id, runId ?? "");
  const pinned = useContext(PinnedContext).has(id) && !runId;
  const portTitle = usePortTitle();
  const trigger = type?.kind === "trigger";
  const used = joined.split(",");
  const title = titleOfNode(node, type);
  const named = node.label && node.label !== type?.title;
  const under = type ? (named ? type.title : type.summary) : t`Not installed`;
  const count = Object.values(state?.counts ?? {}).reduce((sum, value) => sum + value, 0);

  const failed = state?.counts.failed ?? 0;
  const taken = (port: string) => (state?.ports[port] ?? 0) > 0 || undefined;

  return (
    <>
      {badges?.has(id) && <span className={classes.badge}>{badges.get(id)}</span>}
      {!trigger && (
        <Handle
          id="in"
          type="target"
          position={Position.Left}
          className={classes.entry}
          style={{ top: entryOffset }}
          isConnectable={!readOnly}
        />
      )}
      <div className={classes.head}>
        <NodeIcon type={type} />
        <div className={classes.words} id={`name-of-${id}`} title={`${title}\n${under}`}>
          <div className={classes.title}>{title}</div>
          <div className={classes.under}>{under}</div>
        </div>
        {trigger && !runId && <Zap className={classes.bolt} size={14} aria-label={t`Trigger`} />}
        {pinned && <Pin className={classes.bolt} size={14} aria-label={t`Pinned data`} />}
      </div>
      {listed && (
        <ul className={classes.ports}>
          {ports.map((port) => (
            <li
              key={port.name}
              className={classes.port}
              data-port={port.name}
              data-taken={taken(port.name)}
            >
              {portTitle(port)}
              {taken(port.name) && <Check size={12} aria-label={t`The run went this way`} />}
            </li>
          ))}
        </ul>
      )}
      {ports.map((port, index) => (
        <Handle
          key={port.name}
          id={port.name}
          type="source"
          position={Position.Right}
          className={classes.exit}
          data-port={port.name}
          data-free={!used.includes(port.name) || undefined}
          style={{ top: portOffset(index, listed) }}
          isConnectable={!readOnly}
          onClick={(event) => {
            event.stopPropagation();
            onPull?.({ node: id, port: port.name }, { x: event.clientX, y: event.clientY });
          }}
        />
      ))}
      {node.note && (
        <p className={classes.remark} title={node.note}>
          <MessageSquareText size={12} aria-label={t`Note`} />
          <span>{node.note}</span>
        </p>
      )}
      {runId ? (
        state && (
          <span className={classes.mark} id={`mark-of-${id}`}>
            <StateMark state={state.state} bare size={15} />
            {count > 1 && <span className={classes.count}>{count}</span>}
            {count > 1 && failed > 0 && (
              <span className={classes.failed}>{t`${failed} failed`}</span>
            )}
          </span>
        )
      ) : level ? (
        <span className={classes.mark} id={`mark-of-${id}`} data-level={level}>
          {level === "todo" ? (
            <PenLine size={12} aria-label={t`To fill in`} />
          ) : (
            <TriangleAlert
              size={13}
              aria-label={level === "error" ? t`Has errors` : t`Has warnings`}
            />
          )}
        </span>
      ) : null}
    </>
  );
}

/** The frame of a group: its head is the handle by which it is chosen, dragged and renamed. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { type NodeProps, NodeResizeControl } from "@xyflow/react";
import { type KeyboardEvent, memo, Suspense } from "react";
import { changeNote, leastSize, longestTitle } from "~/model/note.ts";
import { later } from "~/ui/later.ts";
import { useCanvas } from "./context.ts";
import { useHint, useHintStore } from "./hint.ts";
import classes from "./note.module.css";
import type { Paper } from "./shape.ts";

const NoteText = later(() => import("./NoteText.tsx"));

export const FrameBox = memo(function FrameBox({ data, selected }: NodeProps<Paper>) {
  const { note } = data;
  const { perform, flow, onChoose } = useCanvas();
  const editing = useHint((hint) => hint.editing === note.id) && perform !== undefined;
  const target = useHint((hint) => hint.frame === note.id);
  const count = note.nodes?.length ?? 0;
  return (
    <div
      className={classes.frame}
      data-color={note.color}
      data-selected={selected || undefined}
      data-target={target || undefined}
      data-testid={`group-${note.id}`}
    >
      {editing ? (
        <TitleField id={note.id} title={note.title} />
      ) : (
        <button
          type="button"
          className={classes.head}
          aria-pressed={selected}
          onClick={(event) => {
            onChoose?.(note.id, event.shiftKey || event.ctrlKey || event.metaKey);
          }}
        >
          <span className={classes.title}>{note.title || <Trans>Group</Trans>}</span>
          <span className={classes.count}>
            <Plural value={count} one="# node" other="# nodes" />
          </span>
        </button>
      )}
      {note.text && (
        <div className={classes.under}>
          <Suspense>
            <NoteText text={note.text} />
          </Suspense>
        </div>
      )}
      {selected && perform && (
        <NodeResizeControl
          className={classes.corner ?? ""}
          minWidth={leastSize[0]}
          minHeight={leastSize[1]}
          onResizeEnd={(_, { x, y, width, height }) =>
            perform(changeNote(flow(), note.id, { at: [x, y], size: [width, height] }))
          }
        />
      )}
    </div>
  );
});

function TitleField({ id, title }: { id: string; title: string }) {
  const { t } = useLingui();
  const hint = useHintStore();
  const { perform, flow } = useCanvas();
  const close = () => hint.setState({ editing: null });
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: it opens because somebody asked to write in it.
      autoFocus
      className={`${classes.titleField} nodrag nopan`}
      aria-label={t`Title of the group`}
      placeholder={t`Group`}
      maxLength={longestTitle}
      value={title}
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) =>
        perform?.(changeNote(flow(), id, { title: event.currentTarget.value }, `note:${id}`))
      }
      onKeyDown={(event: KeyboardEvent) => {
        event.stopPropagation();
        if (event.key === "Escape" || event.key === "Enter") close();
      }}
      onBlur={close}
    />
  );
}

/** A note on the canvas: markdown, written in place, resized by its corner. */
import { useLingui } from "@lingui/react/macro";
import { type NodeProps, NodeResizeControl, type ResizeDragEvent } from "@xyflow/react";
import { type KeyboardEvent, memo, Suspense, useState } from "react";
import { changeNote, leastSize, longestText } from "~/model/note.ts";
import { later } from "~/ui/later.ts";
import { useCanvas } from "./context.ts";
import { useHint, useHintStore } from "./hint.ts";
import classes from "./note.module.css";
import type { Paper } from "./shape.ts";

const NoteText = later(() => import("./NoteText.tsx"));

export const NoteBox = memo(function NoteBox({ data, selected }: NodeProps<Paper>) {
  const { note } = data;
  const { t } = useLingui();
  const { perform, flow } = useCanvas();
  const editing = useHint((hint) => hint.editing === note.id) && perform !== undefined;
  return (
    <div
      className={classes.note}
      data-color={note.color}
      data-selected={selected || undefined}
      data-testid={`note-${note.id}`}
    >
      {editing ? (
        <NoteEditor id={note.id} text={note.text} />
      ) : note.text ? (
        <Suspense fallback={<div className={classes.words}>{note.text}</div>}>
          <NoteText text={note.text} />
        </Suspense>
      ) : (
        <div className={classes.empty}>{t`Double-click to write`}</div>
      )}
      {selected && perform && !editing && (
        <NodeResizeControl
          className={classes.corner ?? ""}
          minWidth={leastSize[0]}
          minHeight={leastSize[1]}
          onResizeEnd={(_: ResizeDragEvent, { x, y, width, height }) =>
            perform(changeNote(flow(), note.id, { at: [x, y], size: [width, height] }))
          }
        />
      )}
    </div>
  );
});

function NoteEditor({ id, text }: { id: string; text: string }) {
  const { t } = useLingui();
  const hint = useHintStore();
  const { perform, flow } = useCanvas();
  const [written, setWritten] = useState(text);
  const close = () => hint.setState({ editing: null });
  const press = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey))) {
      event.preventDefault();
      close();
    }
  };
  return (
    <textarea
      // biome-ignore lint/a11y/noAutofocus: it opens because somebody asked to write in it.
      autoFocus
      className={`${classes.field} nodrag nopan nowheel`}
      aria-label={t`Text of the note`}
      placeholder={t`Write here. **Bold**, lists and links work.`}
      maxLength={longestText}
      value={written}
      onChange={(event) => {
        setWritten(event.currentTarget.value);
        perform?.(changeNote(flow(), id, { text: event.currentTarget.value }, `note:${id}`));
      }}
      onKeyDown={press}
      onBlur={close}
    />
  );
}

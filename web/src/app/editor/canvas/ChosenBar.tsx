/** What can be done with several chosen things, where one sees them. */
import { Plural, useLingui } from "@lingui/react/macro";
import { ActionIcon, Tooltip } from "@mantine/core";
import {
  AlignCenterHorizontal,
  AlignCenterVertical,
  AlignEndHorizontal,
  AlignEndVertical,
  AlignHorizontalDistributeCenter,
  AlignStartHorizontal,
  AlignStartVertical,
  AlignVerticalDistributeCenter,
  Copy,
  Expand,
  Group,
  type LucideIcon,
  Move,
  Pencil,
  Shrink,
  Trash2,
  Ungroup,
  Wand2,
} from "lucide-react";
import type { ReactNode } from "react";
import type { Alignment } from "~/model/align.ts";
import { type NoteColor, noteColors, notesOf } from "~/model/note.ts";
import { useShortcut } from "../../command/registry.ts";
import { shownShortcut } from "../../command/shortcut.ts";
import type { Actions } from "../actions.ts";
import { useEditor } from "../store.ts";
import classes from "./chosen.module.css";
import { alignments } from "./commands.ts";
import type { Shaping } from "./shaping.ts";

const signs: Record<Alignment, LucideIcon> = {
  left: AlignStartVertical,
  centre: AlignCenterVertical,
  right: AlignEndVertical,
  top: AlignStartHorizontal,
  middle: AlignCenterHorizontal,
  bottom: AlignEndHorizontal,
};

interface ChosenBarProps {
  shaping: Shaping;
  actions: Actions;
}

export function ChosenBar({ shaping, actions }: ChosenBarProps) {
  const { t, i18n } = useLingui();
  const nodes = useEditor((state) => state.selection.nodes.size);
  const notes = useEditor((state) => state.selection.notes?.size ?? 0);
  const grouped = useEditor((state) =>
    notesOf(state.history.flow).some((it) => it.nodes && state.selection.notes?.has(it.id)),
  );
  return (
    <div className={classes.bar} role="toolbar" aria-label={t`What is chosen`}>
      <span className={classes.count} role="status">
        <Plural value={nodes + notes} one="# chosen" other="# chosen" />
      </span>
      {notes > 0 && <Colors shaping={shaping} />}
      {notes === 1 && nodes === 0 && (
        <Tool
          command="note.write"
          label={grouped ? t`Rename the group` : t`Write in the note`}
          onClick={shaping.write}
        >
          <Pencil size={16} />
        </Tool>
      )}
      {notes > 0 && nodes === 0 && (
        <span className={classes.part}>
          <Tool command="note.larger" label={t`Larger`} onClick={() => shaping.resize(1)}>
            <Expand size={16} />
          </Tool>
          <Tool command="note.smaller" label={t`Smaller`} onClick={() => shaping.resize(-1)}>
            <Shrink size={16} />
          </Tool>
        </span>
      )}
      {nodes > 1 && (
        <span className={classes.part}>
          {alignments.map(({ how, title }) => {
            const Sign = signs[how];
            return (
              <Tool
                key={how}
                command={`node.align-${how}`}
                label={i18n._(title)}
                onClick={() => shaping.align(how)}
              >
                <Sign size={16} />
              </Tool>
            );
          })}
        </span>
      )}
      {nodes > 2 && (
        <span className={classes.part}>
          <Tool
            command="node.distribute-across"
            label={t`Space evenly across`}
            onClick={() => shaping.distribute("across")}
          >
            <AlignHorizontalDistributeCenter size={16} />
          </Tool>
          <Tool
            command="node.distribute-down"
            label={t`Space evenly down`}
            onClick={() => shaping.distribute("down")}
          >
            <AlignVerticalDistributeCenter size={16} />
          </Tool>
        </span>
      )}
      <span className={classes.part}>
        <Tool
          command="node.carry"
          label={t`Pick up, and put down with a click`}
          onClick={shaping.carry}
        >
          <Move size={16} />
        </Tool>
        {nodes > 1 && (
          <Tool command="view.tidy" label={t`Tidy up these`} onClick={() => void actions.tidy()}>
            <Wand2 size={16} />
          </Tool>
        )}
        {nodes > 0 && (
          <Tool command="node.group" label={t`Group`} onClick={shaping.group}>
            <Group size={16} />
          </Tool>
        )}
        {grouped && (
          <Tool command="node.ungroup" label={t`Ungroup`} onClick={shaping.ungroup}>
            <Ungroup size={16} />
          </Tool>
        )}
        <Tool command="edit.duplicate" label={t`Duplicate`} onClick={actions.duplicate}>
          <Copy size={16} />
        </Tool>
        <Tool command="edit.remove" label={t`Delete`} onClick={actions.remove}>
          <Trash2 size={16} />
        </Tool>
      </span>
    </div>
  );
}

function Colors({ shaping }: { shaping: Shaping }) {
  const { t } = useLingui();
  const names: Record<NoteColor, string> = {
    yellow: t`Yellow`,
    blue: t`Blue`,
    green: t`Green`,
    pink: t`Pink`,
    grey: t`Grey`,
  };
  const color = useEditor(
    (state) => notesOf(state.history.flow).find((it) => state.selection.notes?.has(it.id))?.color,
  );
  return (
    <fieldset className={`${classes.part} ${classes.colors}`} aria-label={t`Colour`}>
      {noteColors.map((it) => (
        <Tooltip key={it} label={names[it]}>
          <button
            type="button"
            className={classes.color}
            data-color={it}
            aria-label={names[it]}
            aria-pressed={color === it}
            onClick={() => shaping.color(it)}
          />
        </Tooltip>
      ))}
    </fieldset>
  );
}

interface ToolProps {
  command: string;
  label: string;
  onClick: () => void;
  children: ReactNode;
}

function Tool({ command, label, onClick, children }: ToolProps) {
  const shortcut = useShortcut(command);
  return (
    <Tooltip label={shortcut ? `${label} · ${shownShortcut(shortcut)}` : label}>
      <ActionIcon variant="subtle" color="gray" size={32} aria-label={label} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

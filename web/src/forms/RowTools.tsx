/** What stands beside each row of a list: a grip to drag it by, up, down, and away. */
import { useLingui } from "@lingui/react/macro";
import { ActionIcon } from "@mantine/core";
import { ArrowDown, ArrowUp, GripVertical, X } from "lucide-react";
import type { ReactNode } from "react";
import classes from "./form.module.css";
import type { Reorder } from "./reorder.ts";

interface RowToolsProps {
  index: number;
  count: number;
  reorder: Reorder;
  onMove: (from: number, to: number) => void;
  onRemove: () => void;
}

export function RowTools({ index, count, reorder, onMove, onRemove }: RowToolsProps) {
  const { t } = useLingui();
  const number = index + 1;
  return (
    <span className={classes.rowTools}>
      {count > 1 && (
        <>
          <Tool
            label={t`Move item ${number} up`}
            off={index === 0}
            act={() => onMove(index, index - 1)}
          >
            <ArrowUp size={14} />
          </Tool>
          <Tool
            label={t`Move item ${number} down`}
            off={index === count - 1}
            act={() => onMove(index, index + 1)}
          >
            <ArrowDown size={14} />
          </Tool>
          <span className={classes.grip} aria-hidden {...reorder.grip(index)}>
            <GripVertical size={14} />
          </span>
        </>
      )}
      <Tool label={t`Remove item ${number}`} act={onRemove}>
        <X size={14} />
      </Tool>
    </span>
  );
}

interface ToolProps {
  label: string;
  off?: boolean;
  act: () => void;
  children: ReactNode;
}

export function Tool({ label, off = false, act, children }: ToolProps) {
  return (
    <ActionIcon
      size={22}
      variant="subtle"
      color="gray"
      disabled={off}
      aria-label={label}
      title={label}
      onClick={act}
    >
      {children}
    </ActionIcon>
  );
}

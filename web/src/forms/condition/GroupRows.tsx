import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group as Line, SegmentedControl } from "@mantine/core";
import { ListTree, Plus, X } from "lucide-react";
import { type Group, isGroup, type Part } from "~/model/condition.ts";
import { Tool } from "../RowTools.tsx";
import { useScope } from "../scope.ts";
import classes from "./condition.module.css";
import { TestRow } from "./TestRow.tsx";

interface GroupRowsProps {
  id: string;
  group: Group;
  depth: number;
  onChange: (group: Group) => void;
  onRemove?: () => void;
}

const DEEPEST = 2;
const blank: Part = { subject: "", operator: "eq" };

/** Rows that all must hold, or one of which must; among them groups of further rows. */
export function GroupRows({ id, group, depth, onChange, onRemove }: GroupRowsProps) {
  const { t } = useLingui();
  const { readOnly } = useScope();
  const { join, parts } = group;
  const put = (next: Part[]) => onChange({ ...group, parts: next });
  const replace = (index: number, part: Part) => put(parts.with(index, part));
  const remove = (index: number) => {
    const left = parts.filter((_, at) => at !== index);
    if (left.length === 0 && onRemove) onRemove();
    else put(left.length > 0 ? left : [blank]);
  };
  const word = join === "and" ? t`and` : t`or`;
  return (
    <div className={classes.group} data-depth={depth}>
      {(parts.length > 1 || onRemove) && (
        <div className={classes.join}>
          <SegmentedControl
            size="xs"
            aria-label={t`Which of these must hold`}
            readOnly={readOnly}
            value={join}
            onChange={(next) => onChange({ ...group, join: next as Group["join"] })}
            data={[
              { value: "and", label: t`All of these hold` },
              { value: "or", label: t`One of these holds` },
            ]}
          />
          {onRemove && !readOnly && (
            <Tool label={t`Remove this group`} act={onRemove}>
              <X size={14} />
            </Tool>
          )}
        </div>
      )}
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place.
        <div key={index}>
          {index > 0 && <span className={classes.word}>{word}</span>}
          {isGroup(part) ? (
            <GroupRows
              id={`${id}-${index}`}
              group={part}
              depth={depth + 1}
              onChange={(next) => replace(index, next)}
              onRemove={() => remove(index)}
            />
          ) : (
            <TestRow
              id={index === 0 ? id : `${id}-${index}`}
              test={part}
              onChange={(next) => replace(index, next)}
              {...((parts.length > 1 || part.subject !== "") && { onRemove: () => remove(index) })}
            />
          )}
        </div>
      ))}
      {!readOnly && (
        <Line gap={6}>
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<Plus size={13} />}
            onClick={() => put([...parts, blank])}
          >
            <Trans>Add a condition</Trans>
          </Button>
          {depth < DEEPEST && (
            <Button
              size="compact-xs"
              variant="subtle"
              leftSection={<ListTree size={13} />}
              onClick={() =>
                put([...parts, { join: join === "and" ? "or" : "and", parts: [blank, blank] }])
              }
            >
              <Trans>Add a group</Trans>
            </Button>
          )}
        </Line>
      )}
    </div>
  );
}

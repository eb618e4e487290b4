/** The data picker: click a field of what came before, and it is written into the parameter. */
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Popover, ScrollArea, Tooltip, UnstyledButton } from "@mantine/core";
import { Braces, ChevronRight } from "lucide-react";
import { useRef, useState } from "react";
import { isObject } from "~/api/json.ts";
import { pathExpression } from "~/model/formula.ts";
import { outlineOf, type Variable } from "~/model/variable.ts";
import { DataTree } from "~/runs/data/DataTree.tsx";
import { useScope } from "../scope.ts";
import classes from "./formula.module.css";

interface PickButtonProps {
  /** Called with a field's place in the expression language. */
  onPick: (path: string) => void;
}

export function PickButton({ onPick }: PickButtonProps) {
  const { t } = useLingui();
  const { variables } = useScope();
  const [opened, setOpened] = useState(false);
  const [away, setAway] = useState(8);
  const button = useRef<HTMLButtonElement>(null);
  const [shown, setShown] = useState<string | null>(null);
  // What has most to offer is open at first, not what only stands nearest.
  const rich = variables.find((it) => isObject(it.value) && Object.keys(it.value).length > 2);
  const open = shown ?? rich?.name ?? variables[0]?.name ?? null;
  // Beside the panel, where there is room, so that the field stays in sight.
  const toggle = () => {
    const own = button.current?.getBoundingClientRect().left ?? 0;
    const panel = button.current?.closest("[data-panel]")?.getBoundingClientRect().left ?? own;
    setAway(panel > 380 ? own - panel + 8 : 8);
    setOpened(!opened);
  };
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="left-start"
      offset={away}
      width={360}
      shadow="lg"
      trapFocus
      returnFocus
      withinPortal
    >
      <Popover.Target>
        <Tooltip label={t`Insert data from before`} openDelay={300} disabled={opened}>
          <ActionIcon
            size={22}
            variant="subtle"
            color="gray"
            aria-label={t`Insert data from before`}
            aria-expanded={opened}
            ref={button}
            onClick={toggle}
          >
            <Braces size={14} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        <p className={classes.pickHead}>
          <Trans>Click a field to use it here</Trans>
        </p>
        <ScrollArea.Autosize mah={420} type="auto">
          {variables.map((variable) => (
            <VariableSection
              key={variable.name}
              variable={variable}
              open={open === variable.name}
              onToggle={() => setShown(open === variable.name ? "" : variable.name)}
              onPick={(path) => {
                onPick(path);
                setOpened(false);
              }}
            />
          ))}
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}

interface SectionProps {
  variable: Variable;
  open: boolean;
  onToggle: () => void;
  onPick: (path: string) => void;
}

function VariableSection({ variable, open, onToggle, onPick }: SectionProps) {
  const { t } = useLingui();
  const source = { run: t`last run`, example: t`example`, schema: t`no data yet` }[variable.source];
  return (
    <section>
      <UnstyledButton className={classes.variable} aria-expanded={open} onClick={onToggle}>
        <ChevronRight size={14} data-open={open || undefined} />
        <span className={classes.label}>{variable.label}</span>
        <code>{variable.name}</code>
        <span className={classes.source}>{source}</span>
      </UnstyledButton>
      {open && (
        <div className={classes.tree}>
          <DataTree
            value={outlineOf(variable)}
            label={variable.label}
            onPick={(path) => onPick(pathExpression(variable.name, path))}
          />
          <UnstyledButton className={classes.whole} onClick={() => onPick(variable.name)}>
            <Trans>Use the whole output</Trans>
          </UnstyledButton>
        </div>
      )}
    </section>
  );
}

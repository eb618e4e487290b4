/** Every filter there is: what it does, how it is written, what it gives. */
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Popover, ScrollArea, TextInput, Tooltip, UnstyledButton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { CircleHelp, Search } from "lucide-react";
import { memo, useRef, useState } from "react";
import type { Filter } from "~/api/contract.ts";
import { writeJson } from "~/api/json.ts";
import { useScope } from "../scope.ts";
import classes from "./formula.module.css";

interface FunctionHelpProps {
  onUse: (filter: string) => void;
}

export const FunctionHelp = memo(function FunctionHelp({ onUse }: FunctionHelpProps) {
  const { t } = useLingui();
  const { filters } = useScope();
  const [opened, setOpened] = useState(false);
  const narrow = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const button = useRef<HTMLButtonElement>(null);
  const [query, setQuery] = useState("");
  const wanted = query.trim().toLowerCase();
  const found = filters.filter((filter) =>
    `${filter.name} ${filter.summary}`.toLowerCase().includes(wanted),
  );
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      onDismiss={() => button.current?.focus()}
      position={narrow ? "bottom-end" : "left-start"}
      width="min(420px, calc(100vw - 16px))"
      shadow="lg"
      trapFocus
      withinPortal
    >
      <Popover.Target>
        <Tooltip label={t`What formulas can do`} openDelay={300} disabled={opened}>
          <ActionIcon
            size={22}
            variant="subtle"
            color="gray"
            aria-label={t`What formulas can do`}
            aria-expanded={opened}
            ref={button}
            onClick={() => setOpened(!opened)}
          >
            <CircleHelp size={14} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label={t`What formulas can do`}>
        <TextInput
          className={classes.pickSearch ?? ""}
          size="xs"
          type="search"
          data-autofocus
          aria-label={t`Search the filters`}
          placeholder={t`Search: capitals, date, sum…`}
          leftSection={<Search size={13} />}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
        <ScrollArea.Autosize mah={440} type="auto">
          {found.map((filter) => (
            <FilterEntry
              key={filter.name}
              filter={filter}
              onUse={() => {
                setOpened(false);
                onUse(` | ${filter.name}`);
              }}
            />
          ))}
          {found.length === 0 && (
            <p className={classes.pickHead}>
              <Trans>No filter is called or described so.</Trans>
            </p>
          )}
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
});

function FilterEntry({ filter, onUse }: { filter: Filter; onUse: () => void }) {
  const { t } = useLingui();
  return (
    <article className={classes.filterEntry}>
      <header>
        <code className={classes.filterName}>{filter.signature}</code>
        <UnstyledButton className={classes.cure} aria-label={t`Use ${filter.name}`} onClick={onUse}>
          <Trans>Use</Trans>
        </UnstyledButton>
      </header>
      <p>{filter.summary}</p>
      {filter.examples.map((example) => (
        <code key={example.source} className={classes.example}>
          {example.source} <span aria-hidden>→</span> {writeJson(example.result)}
        </code>
      ))}
    </article>
  );
}

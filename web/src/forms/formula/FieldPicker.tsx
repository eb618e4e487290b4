/** The data before a node, a section for each output: click a field to use it. */
import { Trans, useLingui } from "@lingui/react/macro";
import { ScrollArea, TextInput, UnstyledButton } from "@mantine/core";
import { ChevronRight, Search } from "lucide-react";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { isObject } from "~/api/json.ts";
import { pathExpression } from "~/model/formula.ts";
import type { Variable } from "~/model/variable.ts";
import { DataTree } from "~/runs/data/DataTree.tsx";
import { type Guess, guessField, searchTree } from "~/runs/data/tree.ts";
import { takeFocus } from "~/ui/seek.ts";
import { useScope } from "../scope.ts";
import classes from "./formula.module.css";
import { FIELD_MIME } from "./target.ts";

interface FieldPickerProps {
  /** Called with a field's place in the expression language. */
  onPick: (path: string) => void;
}

/** It fits above or below whatever opens it, with its search, however low the window is. */
const tallest = "min(420px, 50vh - 84px)";

export function FieldPicker({ onPick }: FieldPickerProps) {
  const { t } = useLingui();
  const { variables } = useScope();
  const [query, setQuery] = useState("");
  const [shown, setShown] = useState<string | null>(null);
  // Of nodes and loops, which come first, one with much to offer is open, or else the nearest: not
  // what every formula can read.
  const given = variables.slice(0, variables.findLastIndex((it) => it.type !== null) + 1);
  const rich = given.find((it) => isObject(it.value) && Object.keys(it.value).length > 2);
  const open = shown ?? rich?.name ?? variables[0]?.name ?? null;
  const wanted = query.trim();
  const { found, meant } = useMemo(() => searchAll(variables, wanted), [variables, wanted]);
  const list = useRef<HTMLDivElement>(null);
  // The arrows lead from the search into the data; Enter takes what is marked there.
  const press = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") {
      const trees = [...(list.current?.querySelectorAll<HTMLElement>('[role="tree"]') ?? [])];
      const at = meant ? trees.findIndex((it) => it.ariaLabel === meant.variable.label) : 0;
      (trees[at] ?? trees[0])?.focus();
    } else if (event.key === "Enter" && meant) {
      onPick(pathExpression(meant.variable.name, meant.guess.row.path));
    } else return;
    event.preventDefault();
  };
  return (
    <>
      <TextInput
        className={classes.pickSearch ?? ""}
        size="xs"
        type="search"
        ref={takeFocus}
        data-autofocus
        // Escape closes the picker, and not what lies below it.
        data-mantine-stop-propagation
        aria-label={t`Search in the data`}
        placeholder={t`Search names and values`}
        leftSection={<Search size={13} />}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
        onKeyDown={press}
      />
      <ScrollArea.Autosize
        classNames={{ root: classes.picks ?? "", content: classes.picked ?? "" }}
        mah={tallest}
        type="auto"
        ref={list}
      >
        {found.map((variable) => (
          <VariableSection
            key={variable.name}
            variable={variable}
            query={query}
            marked={meant?.variable === variable ? meant.guess.row.id : null}
            open={wanted !== "" || open === variable.name}
            onToggle={() => setShown(open === variable.name ? "" : variable.name)}
            onPick={onPick}
          />
        ))}
        {found.length === 0 && (
          <p className={classes.pickHead}>
            <Trans>Nothing here holds “{wanted}”.</Trans>
          </p>
        )}
      </ScrollArea.Autosize>
    </>
  );
}

interface Found {
  found: readonly Variable[];
  /** What the search means most likely, and where that is. */
  meant: { variable: Variable; guess: Guess } | null;
}

function searchAll(variables: readonly Variable[], wanted: string): Found {
  if (wanted === "") return { found: variables, meant: null };
  const found: Variable[] = [];
  let meant: Found["meant"] = null;
  for (const variable of variables) {
    const { rows, hits } = searchTree(variable, wanted);
    if (hits > 0 || variable.label.toLowerCase().includes(wanted.toLowerCase())) {
      found.push(variable);
    }
    const guess = guessField(rows, wanted);
    if (guess && (!meant || guess.distance < meant.guess.distance)) meant = { variable, guess };
  }
  return { found, meant };
}

interface SectionProps {
  variable: Variable;
  query: string;
  marked: string | null;
  open: boolean;
  onToggle: () => void;
  onPick: (path: string) => void;
}

function VariableSection(props: SectionProps) {
  const { variable, query, marked, open, onToggle, onPick } = props;
  const { t } = useLingui();
  const source = {
    pin: t`pinned data`,
    run: t`last run`,
    example: t`example`,
    schema: t`no data yet`,
  }[variable.source];
  const write = (path: (string | number)[]) => pathExpression(variable.name, path);
  return (
    <section>
      <UnstyledButton className={classes.variable} aria-expanded={open} onClick={onToggle}>
        <ChevronRight size={14} data-open={open || undefined} />
        <span className={classes.label}>{variable.label}</span>
        <code>{variable.name}</code>
        {variable.type !== null && <span className={classes.source}>{source}</span>}
      </UnstyledButton>
      {open && (
        <div className={classes.tree}>
          <DataTree
            value={variable.value}
            schema={variable.schema}
            label={variable.label}
            query={query}
            marked={marked}
            writePath={write}
            dragType={FIELD_MIME}
            onPick={(path) => onPick(write(path))}
            brief
          />
          <UnstyledButton className={classes.whole} onClick={() => onPick(variable.name)}>
            <Trans>Use the whole output</Trans>
          </UnstyledButton>
        </div>
      )}
    </section>
  );
}

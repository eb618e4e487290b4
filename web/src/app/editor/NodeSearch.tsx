/** The node types to choose from: searched, grouped, walked with the arrow keys. */
import { Trans, useLingui } from "@lingui/react/macro";
import { TextInput } from "@mantine/core";
import { Search } from "lucide-react";
import { type KeyboardEvent, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { NodeType } from "~/api/contract.ts";
import { useConnections } from "~/api/query.ts";
import { draggedType } from "~/canvas/drag.ts";
import { groupTypes, searchTypes } from "~/model/search.ts";
import { NodeIcon } from "~/ui/NodeIcon.tsx";
import { useKnown } from "./data.ts";
import classes from "./palette.module.css";
import { recentTypes, rememberType } from "./recent.ts";

interface NodeSearchProps {
  onChoose: (type: NodeType) => void;
  /** Leaves out what cannot stand where it is asked for. */
  fits?: (type: NodeType) => boolean;
  eager?: boolean;
  draggable?: boolean;
  /** In pixels, where nothing around the list bounds it. */
  height?: number;
}

export function NodeSearch(props: NodeSearchProps) {
  const { onChoose, fits, eager = false, draggable = false, height } = props;
  const { t } = useLingui();
  const { catalog } = useKnown();
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  // Before the next key: what is typed right away is meant for it.
  useLayoutEffect(() => {
    if (eager) field.current?.focus({ preventScroll: true });
  }, [eager]);
  const id = useId();
  const { items } = useConnections();
  const used = useMemo(() => new Set(items?.map((it) => it.connector)), [items]);
  const [recent] = useState(recentTypes);
  const found = useMemo(
    () => searchTypes(catalog, query, used, recent).filter((type) => fits?.(type) ?? true),
    [catalog, query, fits, used, recent],
  );
  const groups = useMemo(() => groupTypes(found, catalog.connectors, used), [found, catalog, used]);
  const lately = useMemo(
    () => (query ? [] : recent.flatMap((name) => found.find((it) => it.type === name) ?? [])),
    [query, recent, found],
  );
  const ordered = query ? found : [...lately, ...groups.flatMap((group) => group.types)];
  const active = ordered[at];
  const idOf = (index: number) => `${id}-${index}`;
  const choose = (type: NodeType) => {
    rememberType(type.type);
    onChoose(type);
  };

  const walk = (step: number) => {
    const next = Math.min(Math.max(at + step, 0), ordered.length - 1);
    setAt(next);
    list.current?.querySelectorAll('[role="option"]')[next]?.scrollIntoView({ block: "nearest" });
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") walk(1);
    else if (event.key === "ArrowUp") walk(-1);
    else if (event.key === "Enter" && active?.available) choose(active);
    else return;
    event.preventDefault();
  };
  const item = (type: NodeType, index: number) => (
    <TypeItem
      key={type.type}
      id={idOf(index)}
      type={type}
      active={index === at}
      draggable={draggable}
      onChoose={choose}
    />
  );
  const lists = lately.length > 0 ? [{ id: "recent", title: t`Recent`, types: lately }] : [];
  const shown = [...lists, ...groups];
  const startOf = (at: number) =>
    shown.slice(0, at).reduce((sum, group) => sum + group.types.length, 0);

  return (
    <div className={classes.search} style={height === undefined ? undefined : { height }}>
      <TextInput
        ref={field}
        type="search"
        role="combobox"
        aria-expanded
        aria-controls={id}
        aria-activedescendant={active ? idOf(at) : undefined}
        aria-label={t`Search nodes`}
        placeholder={t`Search nodes`}
        leftSection={<Search size={15} />}
        data-autofocus={eager || undefined}
        data-node-search={draggable || undefined}
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      <div className={classes.scroll}>
        <div ref={list} role="listbox" id={id} aria-label={t`Nodes`}>
          {query
            ? ordered.map(item)
            : shown.map((group, place) => (
                // biome-ignore lint/a11y/useSemanticElements: options are grouped, not fields.
                <div key={group.id} role="group" aria-label={group.title}>
                  <div className={classes.group}>{group.title}</div>
                  {group.types.map((type, index) => item(type, startOf(place) + index))}
                </div>
              ))}
        </div>
        {ordered.length === 0 && (
          <p className={classes.none} role="status">
            <Trans>
              No node fits “{query}”. Anything with an HTTP address can be reached by the “HTTP
              request” node.
            </Trans>
          </p>
        )}
      </div>
    </div>
  );
}

interface TypeItemProps {
  id: string;
  type: NodeType;
  active: boolean;
  draggable: boolean;
  onChoose: (type: NodeType) => void;
}

function TypeItem({ id, type, active, draggable, onChoose }: TypeItemProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the search field above moves through the list.
    <div
      id={id}
      data-type={type.type}
      role="option"
      tabIndex={-1}
      aria-selected={active}
      aria-disabled={!type.available}
      className={classes.type}
      data-active={active || undefined}
      title={type.available ? type.summary : (type.reason ?? "")}
      draggable={draggable && type.available}
      onDragStart={(event) => {
        rememberType(type.type);
        event.dataTransfer.setData(draggedType, type.type);
        event.dataTransfer.effectAllowed = "copy";
      }}
      onClick={() => type.available && onChoose(type)}
    >
      <NodeIcon type={type} size={30} />
      <span className={classes.words}>
        <span className={classes.title}>{type.title}</span>
        <span className={classes.summary}>{type.available ? type.summary : type.reason}</span>
      </span>
    </div>
  );
}

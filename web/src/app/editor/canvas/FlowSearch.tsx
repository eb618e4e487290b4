/** The search on the canvas: steps through what it finds, each brought into sight and chosen. */
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, CloseButton, TextInput } from "@mantine/core";
import { ChevronDown, ChevronUp, Search } from "lucide-react";
import {
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { CanvasView } from "~/canvas/view.ts";
import { findInFlow, type Hit, type Place } from "~/model/find.ts";
import { findNote } from "~/model/note.ts";
import { nodeTitle } from "~/model/variable.ts";
import { useKnown } from "../data.ts";
import { focusNode } from "../roam/ground.ts";
import { useEditorStore, useFlowDocument } from "../store.ts";
import classes from "./search.module.css";

const shown = 50;

interface FlowSearchProps {
  view: RefObject<CanvasView | null>;
  onClose: () => void;
}

export function FlowSearch({ view, onClose }: FlowSearchProps) {
  const { t } = useLingui();
  const store = useEditorStore();
  const flow = useFlowDocument();
  const { types } = useKnown();
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const field = useRef<HTMLInputElement>(null);
  // Before the next key: what is typed right away is meant for it.
  useLayoutEffect(() => field.current?.focus({ preventScroll: true }), []);
  const hits = useMemo(() => findInFlow(flow, types, query), [flow, types, query]);
  const current = hits[at];
  const places: Record<Place, string> = {
    name: t`Name`,
    type: t`Type`,
    note: t`Note`,
    parameter: t`Parameter`,
  };
  const titleOf = ({ kind, id }: Hit) =>
    kind === "node" ? nodeTitle(flow, types, id) : findNote(flow, id)?.title || t`Note`;

  useEffect(() => {
    if (!current) return;
    const chosen = new Set([current.id]);
    const nodes = current.kind === "node" ? chosen : new Set<string>();
    const notes = current.kind === "note" ? chosen : new Set<string>();
    store.getState().select({ nodes, edges: new Set(), notes });
    if (current.kind === "node") view.current?.show(current.id);
    else view.current?.fitTo({ nodes, notes });
  }, [current, store, view]);

  const step = (by: number) => {
    if (hits.length === 0) return;
    const next = (at + by + hits.length) % hits.length;
    setAt(next);
    list.current?.children[next]?.scrollIntoView({ block: "nearest" });
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      onClose();
      // One goes on at what was found.
      if (current?.kind === "node") focusNode(current.id);
    } else if (event.key === "ArrowDown") step(1);
    else if (event.key === "ArrowUp") step(-1);
    else if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <search className={classes.box}>
      <div className={classes.line}>
        <TextInput
          className={classes.field}
          type="search"
          size="sm"
          ref={field}
          aria-label={t`Search on the canvas`}
          placeholder={t`Name, type, note, parameter`}
          leftSection={<Search size={15} />}
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={press}
        />
        <span className={classes.count} role="status">
          {query.trim() === "" ? null : current ? (
            <Trans>
              {at + 1} of {hits.length}
            </Trans>
          ) : (
            <Trans>Nothing found</Trans>
          )}
        </span>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t`Previous find`}
          disabled={hits.length < 2}
          onClick={() => step(-1)}
        >
          <ChevronUp size={16} />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t`Next find`}
          disabled={hits.length < 2}
          onClick={() => step(1)}
        >
          <ChevronDown size={16} />
        </ActionIcon>
        <CloseButton size="sm" aria-label={t`Close the search`} onClick={onClose} />
      </div>
      {hits.length > 0 && (
        <ul className={classes.list} ref={list}>
          {hits.slice(0, shown).map((hit, index) => (
            <li key={`${hit.kind} ${hit.id}`}>
              <button
                type="button"
                className={classes.hit}
                aria-current={index === at || undefined}
                onClick={() => setAt(index)}
              >
                <span className={classes.title}>{titleOf(hit)}</span>
                <span className={classes.excerpt}>
                  {places[hit.place]}
                  {hit.place !== "name" && `: ${hit.excerpt}`}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </search>
  );
}

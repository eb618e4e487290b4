/** A short list at a node: which way to go, where an edge shall lead, into which loop. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Popover, TextInput } from "@mantine/core";
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import type { ScreenPoint } from "~/canvas/context.ts";
import { plainText } from "~/model/search.ts";
import classes from "./chooser.module.css";

export interface Choice {
  title: string;
  at: ScreenPoint;
  options: ChoiceOption[];
  /** Offers a search field; without it each of the first nine has a digit. */
  searched?: boolean;
  onChoose: (id: string) => void;
  /** Shows on the canvas what an option is about. */
  onPeek?: (id: string) => void;
  /** It was closed without a choice. */
  onLeave?: () => void;
}

export interface ChoiceOption {
  id: string;
  title: string;
  under?: string;
}

export function Chooser({ choice, onClose }: { choice: Choice; onClose: () => void }) {
  const leave = () => {
    onClose();
    choice.onLeave?.();
  };
  const { x, y } = choice.at;
  return (
    <Popover
      opened
      onChange={(opened) => !opened && leave()}
      position="bottom-start"
      shadow="lg"
      width={300}
      withRoles={false}
      trapFocus
      hideDetached={false}
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <span aria-hidden style={{ position: "fixed", left: x, top: y, width: 1, height: 1 }} />
      </Popover.Target>
      <Popover.Dropdown p={8} role="dialog" aria-label={choice.title}>
        <Options choice={choice} onClose={onClose} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Options({ choice, onClose }: { choice: Choice; onClose: () => void }) {
  const { t } = useLingui();
  const { options, searched = false, title, onPeek } = choice;
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  // Before the next key: what is pressed right away is meant for it.
  useLayoutEffect(() => (field.current ?? list.current)?.focus({ preventScroll: true }), []);
  const id = useId();
  const words = plainText(query).split(/\s+/).filter(Boolean);
  const shown = options.filter((option) => {
    const text = plainText(`${option.title} ${option.under ?? ""}`);
    return words.every((word) => text.includes(word));
  });
  const active = shown[at];
  const peeked = active?.id;
  useEffect(() => {
    if (peeked !== undefined) onPeek?.(peeked);
  }, [peeked, onPeek]);

  const choose = (option: ChoiceOption) => {
    onClose();
    choice.onChoose(option.id);
  };
  const walk = (to: number) => {
    const next = Math.min(Math.max(to, 0), shown.length - 1);
    setAt(next);
    list.current?.querySelectorAll('[role="option"]')[next]?.scrollIntoView({ block: "nearest" });
  };
  const press = (event: KeyboardEvent) => {
    const numbered = searched ? undefined : shown[Number(event.key) - 1];
    if (event.key === "ArrowDown" || (!searched && event.key === "ArrowRight")) walk(at + 1);
    else if (event.key === "ArrowUp" || (!searched && event.key === "ArrowLeft")) walk(at - 1);
    else if (event.key === "Enter" && active) choose(active);
    else if (numbered) choose(numbered);
    else return;
    event.preventDefault();
  };
  const current = active ? { "aria-activedescendant": `${id}-${active.id}` } : {};
  return (
    <>
      <p className={classes.title} aria-hidden>
        {title}
      </p>
      {searched && (
        <TextInput
          ref={field}
          type="search"
          role="combobox"
          aria-expanded
          aria-controls={id}
          aria-label={t`Search nodes`}
          placeholder={t`Search nodes`}
          data-autofocus
          {...current}
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={press}
        />
      )}
      <div
        ref={list}
        id={id}
        role="listbox"
        aria-label={title}
        className={classes.list}
        tabIndex={searched ? -1 : 0}
        {...(!searched && { "data-autofocus": true, onKeyDown: press, ...current })}
      >
        {shown.map((option, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the list or its field hears the keys.
          <div
            key={option.id}
            id={`${id}-${option.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={option === active}
            data-option={option.id}
            className={classes.option}
            onClick={() => choose(option)}
          >
            {!searched && index < 9 && <kbd className={classes.digit}>{index + 1}</kbd>}
            <span>
              <span className={classes.name}>{option.title}</span>
              {option.under && <span className={classes.under}>{option.under}</span>}
            </span>
          </div>
        ))}
      </div>
      <p className={classes.none} role="status">
        {shown.length === 0 && <Trans>No node fits.</Trans>}
      </p>
    </>
  );
}

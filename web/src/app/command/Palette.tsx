/** Every command, page, flow and node of the open flow, found by typing a few letters of it. */
import { useLingui } from "@lingui/react";
import { Trans, useLingui as useTexts } from "@lingui/react/macro";
import { Modal, TextInput } from "@mantine/core";
import { Search } from "lucide-react";
import { type KeyboardEvent, useContext, useId, useMemo, useRef, useState } from "react";
import { useFlows } from "~/api/query.ts";
import { takeFocus } from "~/ui/seek.ts";
import { navigate } from "../router.tsx";
import classes from "./command.module.css";
import { Keys } from "./Keys.tsx";
import { recentIds, rememberChoice } from "./recent.ts";
import { commandsIn, destinationsIn, isEnabled, RegistryContext, shortcutsOf } from "./registry.ts";
import { type Entry, searchEntries } from "./search.ts";
import { ariaShortcut } from "./shortcut.ts";
import { groups, groupTitles, useEveryLanguage } from "./words.ts";

const shownAtMost = 60;

interface PaletteProps {
  /** Closes it, and does what was chosen once the focus is back where it was. */
  onClose: (then?: () => void) => void;
}

export function Palette({ onClose }: PaletteProps) {
  const { t } = useTexts();
  const [query, setQuery] = useState("");
  const sought = query.trim();
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const { commands, destinations } = useEntries();
  const sections = useSections(commands, destinations, query);
  const shown = sections.flatMap((section) => section.entries);
  const active = shown[at];

  const choose = (entry: Entry) => {
    rememberChoice(entry.id);
    onClose(entry.run);
  };
  const walk = (to: number) => {
    const next = Math.min(Math.max(to, 0), shown.length - 1);
    setAt(next);
    list.current?.querySelectorAll('[role="option"]')[next]?.scrollIntoView({ block: "nearest" });
  };
  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown") walk(at + 1);
    else if (event.key === "ArrowUp") walk(at - 1);
    else if (event.key === "PageDown") walk(at + 8);
    else if (event.key === "PageUp") walk(at - 8);
    else if (event.key === "Enter" && active) choose(active);
    else return;
    event.preventDefault();
  };

  return (
    <Modal.Root
      opened
      onClose={() => onClose()}
      returnFocus={false}
      transitionProps={{ duration: 0 }}
      size={620}
      yOffset="12vh"
      padding={0}
    >
      <Modal.Overlay />
      <Modal.Content aria-label={t`Commands`}>
        <TextInput
          type="search"
          role="combobox"
          variant="unstyled"
          size="md"
          className={classes.search}
          leftSection={<Search size={18} />}
          aria-expanded
          aria-controls={id}
          aria-activedescendant={active ? `${id}-${active.id}` : undefined}
          aria-label={t`Search commands, pages, flows and nodes`}
          placeholder={t`Search commands, pages, flows and nodes`}
          ref={takeFocus}
          data-autofocus
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={press}
        />
        <div ref={list} className={classes.list} role="listbox" id={id} aria-label={t`Commands`}>
          {sections.map(({ title, entries }) => (
            // biome-ignore lint/a11y/useSemanticElements: options are grouped, not fields.
            <div key={title} role="group" aria-label={title}>
              <div className={classes.group}>{title}</div>
              {entries.map((entry) => (
                <Option
                  key={entry.id}
                  id={`${id}-${entry.id}`}
                  entry={entry}
                  active={entry === active}
                  onChoose={choose}
                />
              ))}
            </div>
          ))}
        </div>
        <p className={classes.none} role="status">
          {shown.length === 0 && sought !== "" && <Trans>Nothing is called “{sought}”.</Trans>}
        </p>
      </Modal.Content>
    </Modal.Root>
  );
}

interface OptionProps {
  id: string;
  entry: Entry;
  active: boolean;
  onChoose: (entry: Entry) => void;
}

function Option({ id, entry, active, onChoose }: OptionProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the search field above moves through the list.
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={active}
      aria-keyshortcuts={entry.shortcut && ariaShortcut(entry.shortcut)}
      data-entry={entry.id}
      className={classes.option}
      onClick={() => onChoose(entry)}
    >
      <span className={classes.words}>
        <span>{entry.title}</span>
        {entry.under && <span className={classes.under}>{entry.under}</span>}
      </span>
      {entry.shortcut && <Keys shortcut={entry.shortcut} />}
    </div>
  );
}

/** What there is to choose from at the moment that the palette opens. */
function useEntries(): { commands: Entry[]; destinations: Entry[] } {
  const { _, i18n } = useLingui();
  const { t } = useTexts();
  const registry = useContext(RegistryContext);
  const everywhere = useEveryLanguage();
  const flows = useFlows();
  const [things] = useState(() => destinationsIn(registry));
  const [given] = useState(() =>
    commandsIn(registry).filter((it) => !it.keysOnly && isEnabled(it)),
  );
  const commands = useMemo(
    () =>
      given.map((command): Entry => {
        const [shortcut] = shortcutsOf(command);
        const texts = [command.title, ...(command.keywords ? [command.keywords] : [])];
        return {
          id: command.id,
          title: _(command.title),
          group: command.group,
          words: [i18n, ...everywhere].flatMap((one) => texts.map((text) => one._(text))),
          ...(shortcut !== undefined && { shortcut }),
          run: command.run,
        };
      }),
    [_, i18n, everywhere, given],
  );
  const destinations = useMemo(
    () => [
      ...things.map(
        (it): Entry => ({ ...it, id: `${it.group}:${it.id}`, words: [it.under ?? ""] }),
      ),
      ...(flows.items ?? []).map(
        (flow): Entry => ({
          id: `flow:${flow.id}`,
          title: flow.name,
          under: t`Flow`,
          group: "flow",
          words: [],
          run: () => navigate(`/flows/${flow.id}`),
        }),
      ),
    ],
    [t, things, flows.items],
  );
  return { commands, destinations };
}

interface Section {
  title: string;
  entries: Entry[];
}

/** With nothing typed: what was chosen last, then the commands by group. Else what fits best. */
function useSections(commands: Entry[], destinations: Entry[], query: string): Section[] {
  const { _ } = useLingui();
  const { t } = useTexts();
  const [recent] = useState(recentIds);
  return useMemo(() => {
    const all = [...commands, ...destinations];
    if (query.trim() !== "") {
      const entries = searchEntries(all, query).slice(0, shownAtMost);
      return entries.length > 0 ? [{ title: t`Found`, entries }] : [];
    }
    const last = recent.flatMap((id) => all.filter((it) => it.id === id));
    const rest = commands.filter((it) => !recent.includes(it.id));
    return [
      { title: t`Chosen lately`, entries: last },
      ...groups.map((group) => ({
        title: _(groupTitles[group]),
        entries: rest.filter((it) => it.group === group),
      })),
    ].filter((section) => section.entries.length > 0);
  }, [_, t, commands, destinations, query, recent]);
}

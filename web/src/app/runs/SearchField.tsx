import { Trans, useLingui } from "@lingui/react/macro";
import { Switch, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import classes from "./runs.module.css";

const TYPING_PAUSE_MS = 300;

interface SearchFieldProps {
  words: string;
  /** Whether everything that runs gave or got is searched, and not their keys alone. */
  deep: boolean;
  onSearch: (words: string, deep: boolean) => void;
}

export function SearchField({ words, deep, onSearch }: SearchFieldProps) {
  const { t } = useLingui();
  const [typed, setTyped] = useState(words);
  const [settled] = useDebouncedValue(typed, TYPING_PAUSE_MS);
  const shown = useRef({ words, deep, onSearch });
  shown.current = { words, deep, onSearch };

  useEffect(() => {
    const now = shown.current;
    if (settled.trim() !== now.words.trim()) now.onSearch(settled.trim(), now.deep);
  }, [settled]);
  // The address can change without typing: "Show all runs", or the back button.
  useEffect(() => setTyped((now) => (now.trim() === words.trim() ? now : words)), [words]);

  return (
    <div className={classes.search}>
      <TextInput
        type="search"
        aria-label={t`Search runs`}
        placeholder={
          deep ? t`Any text in what went in or came out` : t`Order number, customer, SKU…`
        }
        leftSection={<Search size={16} />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" && event.key !== "Enter") return;
          const first = document.querySelector<HTMLElement>("[data-walk=runs] [data-walk-row]");
          if (!first) return;
          event.preventDefault();
          first.focus();
        }}
      />
      <Switch
        mt={6}
        size="xs"
        checked={deep}
        label={<Trans>Search in all data, newest runs first</Trans>}
        onChange={(event) => onSearch(typed.trim(), event.currentTarget.checked)}
      />
    </div>
  );
}

import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Select, TextInput } from "@mantine/core";
import { Search } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useRunWords } from "~/runs/words.tsx";
import { guessKind, searched } from "./key.ts";
import classes from "./timeline.module.css";

interface KeySearchProps {
  kind: string;
  value: string;
  onSearch: (key: { kind: string; value: string }) => void;
}

/** Asks for a key; its kind is guessed from what is typed until somebody chooses another. */
export function KeySearch({ kind, value, onSearch }: KeySearchProps) {
  const { t } = useLingui();
  const words = useRunWords();
  const [typed, setTyped] = useState(value);
  const [chosen, setChosen] = useState<string | null>(kind === "" ? null : kind);
  const named: Record<string, string> = {
    order_name: t`Order number`,
    order: t`Order id`,
    email: t`Customer's e-mail`,
    person: t`Customer id`,
  };
  const kinds = [...new Set([...searched, ...(kind === "" ? [] : [kind])])];
  const shown = chosen ?? guessKind(typed);

  const search = (event: FormEvent) => {
    event.preventDefault();
    if (typed.trim() !== "") onSearch({ kind: shown, value: typed.trim() });
  };
  return (
    <form className={classes.search} onSubmit={search}>
      <Select
        className={classes.kind}
        aria-label={t`Kind of key`}
        allowDeselect={false}
        data={kinds.map((it) => ({ value: it, label: named[it] ?? words.keyKind(it) }))}
        value={shown}
        onChange={setChosen}
      />
      <TextInput
        className={classes.value}
        type="search"
        aria-label={t`Number, e-mail or SKU`}
        placeholder={t`Such as #1042 or ana@example.com`}
        leftSection={<Search size={16} />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Button type="submit" disabled={typed.trim() === ""}>
        <Trans>Show</Trans>
      </Button>
    </form>
  );
}

import { Trans, useLingui } from "@lingui/react/macro";
import { Combobox, Loader, TextInput, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { ChevronsUpDown } from "lucide-react";
import { useState } from "react";
import { api } from "~/api/client.ts";
import { type Json, sameJson, writeJson } from "~/api/json.ts";
import { useProblemText } from "~/ui/problem.ts";
import classes from "../form.module.css";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";
import { readNumber } from "./NumberControl.tsx";

function written(value: Json | undefined): string {
  if (value == null) return "";
  return typeof value === "string" ? value : writeJson(value);
}

/** Values that the connected account offers, searched there; any other may be typed too. */
export function DynamicChoice(props: ControlProps & { choices: string; connection: string }) {
  const { id, kind, value, invalid, onChange, choices, connection } = props;
  const { t } = useLingui();
  const { readOnly } = useScope();
  const problemText = useProblemText();
  const [typed, setTyped] = useState<string | null>(null);
  const [search] = useDebouncedValue(typed ?? "", 250);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const query = useQuery({
    queryKey: ["choices", connection, choices, search],
    queryFn: ({ signal }) => api.connections.choices(connection, choices, search, signal),
    staleTime: 60_000,
    placeholderData: (before) => before,
  });
  const items = query.data?.items ?? [];
  const chosen = items.find((item) => sameJson(item.value, value));

  const accept = (text: string) => {
    setTyped(null);
    if (text === "") return onChange(undefined);
    const number = kind === "integer" || kind === "number";
    onChange(number ? (readNumber(text, kind === "integer") ?? undefined) : text);
  };
  return (
    <Combobox
      store={combobox}
      shadow="md"
      onOptionSubmit={(text) => {
        const item = items.find((it) => writeJson(it.value) === text);
        if (item) onChange(item.value as Json);
        setTyped(null);
        combobox.closeDropdown();
      }}
    >
      <Combobox.Target>
        <TextInput
          id={id}
          readOnly={readOnly}
          autoComplete="off"
          error={invalid}
          value={typed ?? (chosen ? chosen.label : written(value))}
          placeholder={t`Search or type`}
          rightSection={query.isFetching ? <Loader size={14} /> : <ChevronsUpDown size={14} />}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            combobox.openDropdown();
          }}
          onFocus={() => !readOnly && combobox.openDropdown()}
          onClick={() => !readOnly && combobox.openDropdown()}
          onBlur={() => {
            combobox.closeDropdown();
            if (typed !== null) accept(typed);
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options mah={260} className={classes.options}>
          {items.map((item) => (
            <Combobox.Option
              key={writeJson(item.value)}
              value={writeJson(item.value)}
              active={sameJson(item.value, value)}
            >
              {item.label}
              {item.hint && <span className={classes.hint}>{item.hint}</span>}
            </Combobox.Option>
          ))}
          {items.length === 0 && !query.isFetching && (
            <Combobox.Empty>
              {query.error ? problemText(query.error) : <Trans>Nothing found</Trans>}
            </Combobox.Empty>
          )}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

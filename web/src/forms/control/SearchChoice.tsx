/** A choice among many: searched by typing, with what is not in the list to be used as well. */
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Combobox, Loader, TextInput, useCombobox } from "@mantine/core";
import { ChevronsUpDown, RotateCw, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { type Json, sameJson, writeJson } from "~/api/json.ts";
import classes from "../form.module.css";
import { useScope } from "../scope.ts";

export interface Offer {
  value: Json;
  label: string;
  hint?: string | undefined;
}

interface SearchChoiceProps {
  id: string;
  title: string;
  value: Json | undefined;
  /** What the value is called, where the list of the moment may not have it. */
  called?: string;
  offers: readonly Offer[];
  invalid: boolean;
  placeholder?: string;
  loading?: boolean;
  /** Why there is nothing to choose from, in a sentence. */
  failure?: string | null;
  onRetry?: () => void;
  /** The list is searched where it comes from; else by its labels, here. */
  onSearch?: (text: string) => void;
  /** What a text stands for that is in no list; null where it cannot be one. Absent: none can. */
  readFree?: (text: string) => Json | null;
  onChange: (value: Json | undefined) => void;
}

const MANY = 100;

export function writtenValue(value: Json | undefined): string {
  if (value == null) return "";
  return typeof value === "string" ? value : writeJson(value);
}

export function SearchChoice(props: SearchChoiceProps) {
  const { id, title, value, offers, loading = false, failure = null, onChange } = props;
  const { t } = useLingui();
  const { readOnly } = useScope();
  const [typed, setTyped] = useState<string | null>(null);
  const box = useCombobox({ onDropdownClose: () => box.resetSelectedOption() });
  // A label that was once known is kept, whatever the list of the moment holds.
  const known = useRef(new Map<string, string>());
  for (const offer of offers) known.current.set(writeJson(offer.value), offer.label);
  const label = value === undefined ? "" : (known.current.get(writeJson(value)) ?? props.called);
  const shown = shownOffers(offers, props.onSearch ? "" : (typed ?? ""));
  const listable = shown.slice(0, MANY);
  const said = typed?.trim() ?? "";
  const listed = offers.some((it) => it.label === said || writtenValue(it.value) === said);
  const free = said !== "" && !listed ? (props.readFree?.(said) ?? null) : null;

  const end = () => {
    setTyped(null);
    props.onSearch?.("");
    box.closeDropdown();
  };
  const choose = (next: Json | undefined) => {
    onChange(next);
    end();
  };
  const type = (text: string) => {
    setTyped(text);
    props.onSearch?.(text);
    box.openDropdown();
    box.updateSelectedOptionIndex();
  };
  // What is typed means the first that is called so: Enter takes it, and what it would take is marked.
  const meant = listable.findIndex((it) => said !== "" && plain(it.label).includes(plain(said)));
  const [open, marked] = [box.dropdownOpened, listable[meant]?.label];
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the arrows marked since stays.
  useEffect(() => {
    if (open && marked !== undefined) box.selectOption(meant);
  }, [open, said, meant, marked]);
  const leave = () => {
    const exact = offers.find((it) => isCalled(it, said));
    if (typed !== null && said === "") onChange(undefined);
    else if (exact) onChange(exact.value);
    else if (free !== null) onChange(free);
    end();
  };
  return (
    <Combobox
      store={box}
      shadow="md"
      onOptionSubmit={(text) => {
        const item = offers.find((it) => writeJson(it.value) === text);
        choose(item ? item.value : (free ?? undefined));
      }}
    >
      <Combobox.Target withExpandedAttribute>
        <TextInput
          id={id}
          role="combobox"
          aria-label={title}
          readOnly={readOnly}
          autoComplete="off"
          spellCheck={false}
          error={props.invalid}
          value={typed ?? label ?? writtenValue(value)}
          placeholder={props.placeholder || t`Search or choose`}
          rightSectionPointerEvents={value === undefined || readOnly ? "none" : "all"}
          rightSection={
            loading ? (
              <Loader size={14} />
            ) : value === undefined || readOnly ? (
              <ChevronsUpDown size={14} />
            ) : (
              <ActionIcon
                size={22}
                variant="subtle"
                color="gray"
                aria-label={t`Clear`}
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => choose(undefined)}
              >
                <X size={14} />
              </ActionIcon>
            )
          }
          onChange={(event) => type(event.currentTarget.value)}
          onFocus={() => !readOnly && box.openDropdown()}
          onClick={() => !readOnly && box.openDropdown()}
          onBlur={leave}
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options mah={280} className={classes.options} aria-label={title}>
          {listable.map((item) => (
            <Combobox.Option
              key={writeJson(item.value)}
              value={writeJson(item.value)}
              active={sameJson(item.value, value)}
            >
              {item.label}
              {item.hint && <span className={classes.hint}>{item.hint}</span>}
            </Combobox.Option>
          ))}
          {free !== null && (
            <Combobox.Option value="free">
              <Trans>Use “{said}”</Trans>
            </Combobox.Option>
          )}
          {shown.length === 0 && !failure && (
            <Combobox.Empty>
              {loading ? <Trans>Looking…</Trans> : <Trans>Nothing found</Trans>}
            </Combobox.Empty>
          )}
          {shown.length > MANY && (
            <Combobox.Footer fz="xs" c="var(--tramo-ink-soft)">
              <Trans>There are more: type to find them.</Trans>
            </Combobox.Footer>
          )}
        </Combobox.Options>
        {failure && (
          <Combobox.Footer className={classes.failure}>
            <span role="alert">{failure}</span>
            {props.onRetry && (
              <ActionIcon
                size={24}
                variant="subtle"
                aria-label={t`Try again`}
                onMouseDown={(event) => event.preventDefault()}
                onClick={props.onRetry}
              >
                <RotateCw size={14} />
              </ActionIcon>
            )}
          </Combobox.Footer>
        )}
      </Combobox.Dropdown>
    </Combobox>
  );
}

const plain = (text: string) =>
  text
    .normalize("NFD")
    .replace(/\p{Mark}/gu, "")
    .toLocaleLowerCase();

/** Whether a text names an offer; the sign before it need not be typed: "vip" is "#vip". */
function isCalled(offer: Offer, said: string): boolean {
  if (offer.label === said || writtenValue(offer.value) === said) return true;
  return said !== "" && plain(offer.label).replace(/^[#@]/, "") === plain(said);
}

function shownOffers(offers: readonly Offer[], typed: string): readonly Offer[] {
  const words = plain(typed.trim());
  if (words === "") return offers;
  return offers.filter((it) => plain(`${it.label} ${it.hint ?? ""}`).includes(words));
}

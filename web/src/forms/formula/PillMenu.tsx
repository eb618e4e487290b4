/** What can be done with a pill, in words: another field, how it is written, what if it is empty. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Popover, UnstyledButton } from "@mantine/core";
import { Code2, Replace, Trash2, TriangleAlert, X } from "lucide-react";
import { type KeyboardEvent, useMemo, useState } from "react";
import { type Json, writeJson } from "~/api/json.ts";
import type { ValueKind } from "~/model/formula.ts";
import {
  addFilter,
  changePath,
  type Edit,
  expressionOf,
  type Pill,
  removeFilter,
} from "~/model/pill.ts";
import { placeAt } from "~/model/variable.ts";
import { type DataKind, dataKind, type Offer, offersFor } from "~/model/word.ts";
import { useScope } from "../scope.ts";
import { FieldPicker } from "./FieldPicker.tsx";
import classes from "./formula.module.css";
import { ListChoices } from "./ListChoices.tsx";
import { OfferForm } from "./OfferForm.tsx";
import type { Shown } from "./shown.ts";
import { useTried } from "./tried.ts";

interface PillMenuProps {
  source: string;
  kind: ValueKind;
  pill: Pill;
  shown: Shown;
  /** Where the pill is on the page. */
  place: DOMRect;
  onEdit: (edit: Edit) => void;
  onCode: () => void;
  /** A person types on, behind the pill. */
  onType: (typed: string) => void;
  /** A person goes on to one side of the pill. */
  onLeave: (at: number) => void;
  /** What was done last, here or in the text, is taken back. */
  onUndo: () => void;
  onClose: () => void;
}

export function PillMenu(props: PillMenuProps) {
  const { source, kind, pill, shown, place, onEdit, onCode, onType, onLeave, onUndo, onClose } =
    props;
  const { t } = useLingui();
  const { variables } = useScope();
  const [picking, setPicking] = useState(false);
  const [asked, setAsked] = useState<Offer | null>(null);
  const expression = expressionOf(source, pill);
  const template = useMemo(() => ({ $expr: expression }), [expression]);
  const tried = useTried(template, expression);
  const variable = variables.find((it) => it.name === pill.path.root);
  const there = variable && placeAt(variable, pill.path.steps);
  const value = tried.state === "value" ? tried.value : there?.value;
  const fits = dataKind(value, pill.filters.length === 0 ? (there?.schema ?? null) : null);
  const add = (filter: string) => {
    setAsked(null);
    onEdit(addFilter(pill, asText(filter, kind)));
  };
  const remove = () => {
    onEdit({ from: pill.from, to: pill.to, insert: "" });
    onClose();
  };
  const press = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (target.closest("input, textarea, select, [contenteditable]")) return;
    const undone = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
    if (undone && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      event.stopPropagation();
      return onUndo();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.nativeEvent.isComposing) return;
    // On a button, Space presses it.
    const typed = event.key.length === 1 && (event.key !== " " || !target.closest("button"));
    const removed = event.key === "Backspace" || event.key === "Delete";
    // In a list of the menu the arrows go along it.
    const before = event.key === "ArrowLeft" && target.hasAttribute("data-autofocus");
    const after = event.key === "ArrowRight" && target.hasAttribute("data-autofocus");
    if (!typed && !removed && !before && !after) return;
    event.preventDefault();
    event.stopPropagation();
    if (typed) onType(event.key);
    else if (removed) remove();
    else onLeave(before ? pill.from : pill.to);
  };
  return (
    <Popover
      opened
      onChange={(opened) => !opened && onClose()}
      position="bottom-start"
      width={340}
      shadow="lg"
      trapFocus
      withinPortal
      withRoles={false}
      closeOnEscape
    >
      <Popover.Target>
        <span
          className={classes.anchor}
          style={{ left: place.left, top: place.top, height: place.height }}
        />
      </Popover.Target>
      <Popover.Dropdown p={0} role="dialog" aria-label={shown.label} onKeyDown={press}>
        <div className={classes.menu}>
          {/* The focus is on no button at first: who types on having clicked a pill presses none. */}
          <header className={classes.menuHead} tabIndex={-1} data-autofocus>
            <strong>{shown.label}</strong>
            <code>{expression}</code>
            <NowLine value={value} />
          </header>
          {shown.lost !== null && (
            <p className={classes.menuLost} role="alert">
              <TriangleAlert size={14} aria-hidden /> {shown.lost}
            </p>
          )}
          {picking || shown.lost !== null ? (
            <FieldPicker
              onPick={(path) => {
                setPicking(false);
                onEdit(changePath(pill, path));
              }}
            />
          ) : (
            <>
              <ListChoices source={source} kind={kind} pill={pill} onEdit={onEdit} />
              {pill.filters.length > 0 && (
                <ul className={classes.applied} aria-label={t`Applied`}>
                  {pill.filters.map((filter, index) => (
                    <li key={filter.from}>
                      <span>{shown.words[index]}</span>
                      <UnstyledButton
                        className={classes.dismiss}
                        aria-label={t`Remove “${shown.words[index] ?? filter.name}”`}
                        onClick={() => onEdit(removeFilter(pill, index))}
                      >
                        <X size={13} aria-hidden />
                      </UnstyledButton>
                    </li>
                  ))}
                </ul>
              )}
              {asked ? (
                <OfferForm
                  key={asked.id}
                  offer={asked}
                  pill={pill}
                  value={value}
                  onDone={(filter) => add(filter)}
                  onCancel={() => setAsked(null)}
                />
              ) : (
                <Offers
                  kind={fits}
                  without={pill.filters.map((filter) => filter.name)}
                  onChoose={(offer) =>
                    offer.asks.length > 0 ? setAsked(offer) : add(offer.write([]))
                  }
                />
              )}
            </>
          )}
          <footer className={classes.menuFoot}>
            <Button
              size="compact-xs"
              variant="subtle"
              color="gray"
              leftSection={<Replace size={13} />}
              onClick={() => setPicking(!picking)}
            >
              <Trans>Another field</Trans>
            </Button>
            <Button
              size="compact-xs"
              variant="subtle"
              color="gray"
              leftSection={<Code2 size={13} />}
              onClick={onCode}
            >
              <Trans>As code</Trans>
            </Button>
            <Button
              size="compact-xs"
              variant="subtle"
              color="red"
              leftSection={<Trash2 size={13} />}
              onClick={remove}
            >
              <Trans>Remove</Trans>
            </Button>
          </footer>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

/** In a text, what is taken from each item is joined: a text holds no lists. */
function asText(filter: string, kind: ValueKind): string {
  return kind === "text" && filter.startsWith("map(") ? `${filter} | join(", ")` : filter;
}

function NowLine({ value }: { value: Json | undefined }) {
  if (value === undefined) {
    return (
      <span className={classes.now}>
        <Trans>No data yet</Trans>
      </span>
    );
  }
  const text = typeof value === "string" ? value : writeJson(value);
  return (
    <span className={classes.now} role="status">
      <span className={classes.equals} aria-hidden>
        =
      </span>{" "}
      {text.slice(0, 160) || <Trans>(empty text)</Trans>}
    </span>
  );
}

interface OffersProps {
  kind: DataKind;
  /** What is applied already. */
  without: string[];
  onChoose: (offer: Offer) => void;
}

function Offers({ kind, without, onChoose }: OffersProps) {
  const { i18n, t } = useLingui();
  const offers = offersFor(kind).filter((offer) => !without.includes(offer.id));
  return (
    <ul className={classes.offers} aria-label={t`How it is written`}>
      {offers.map((offer) => (
        <li key={offer.id}>
          <UnstyledButton className={classes.offer} onClick={() => onChoose(offer)}>
            {i18n._(offer.title)}
          </UnstyledButton>
        </li>
      ))}
    </ul>
  );
}

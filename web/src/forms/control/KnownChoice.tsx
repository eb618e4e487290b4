/** Choices among what Tramo itself knows: flows, tables, triggers, business keys, time zones. */
import { useLingui } from "@lingui/react/macro";
import { MultiSelect } from "@mantine/core";
import { useMemo } from "react";
import { isObject, type Json } from "~/api/json.ts";
import { useConnections, useFlows, useTables } from "~/api/query.ts";
import { hintOf } from "~/model/schema.ts";
import { membersOf, type Variable } from "~/model/variable.ts";
import { useProblemText } from "~/ui/problem.ts";
import { useLocalScope, useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";
import { usePlaceholder } from "./placeholder.ts";
import { type Offer, SearchChoice } from "./SearchChoice.tsx";

const asTyped = (text: string): Json => text;

interface Listed {
  items: readonly Offer[] | undefined;
  isPending: boolean;
  error: Error | null;
  refetch: () => unknown;
}

function Listing({ field, list, free }: { field: ControlProps; list: Listed; free?: boolean }) {
  const problemText = useProblemText();
  const placeholder = usePlaceholder(field.schema);
  return (
    <SearchChoice
      id={field.id}
      title={field.title}
      value={field.value ?? undefined}
      offers={list.items ?? []}
      invalid={field.invalid}
      placeholder={placeholder}
      loading={list.isPending}
      failure={list.error && problemText(list.error)}
      onRetry={() => void list.refetch()}
      {...(free && { readFree: asTyped })}
      onChange={field.onChange}
    />
  );
}

const atHand = (items: readonly Offer[]): Listed => ({
  items,
  isPending: false,
  error: null,
  refetch: () => null,
});

export function FlowControl(props: ControlProps) {
  const flows = useFlows();
  const items = flows.items?.map((it): Offer => ({ value: it.id, label: it.name, hint: it.id }));
  return <Listing field={props} list={{ ...flows, items }} free />;
}

export function FlowsControl({ id, title, value, invalid, onChange }: ControlProps) {
  const { t } = useLingui();
  const { readOnly } = useScope();
  const flows = useFlows();
  const chosen = Array.isArray(value) ? value.map(String) : [];
  const known = (flows.items ?? []).map((it) => ({ value: it.id, label: it.name }));
  const lost = chosen.filter((one) => !known.some((it) => it.value === one));
  return (
    <MultiSelect
      id={id}
      aria-label={title}
      data={[...known, ...lost.map((one) => ({ value: one, label: one }))]}
      value={chosen}
      placeholder={chosen.length === 0 ? t`Every other flow` : ""}
      readOnly={readOnly}
      searchable
      error={invalid}
      onChange={(next) => onChange(next.length > 0 ? next : undefined)}
      comboboxProps={{ shadow: "md" }}
    />
  );
}

export function TableControl(props: ControlProps) {
  const tables = useTables();
  const items = tables.items?.map((it): Offer => ({ value: it.name, label: it.name }));
  return <Listing field={props} list={{ ...tables, items }} free />;
}

/** Triggers that connectors bring, by their connector and title. */
export function TriggerControl(props: ControlProps) {
  const { types } = useScope();
  const items = useMemo(
    () =>
      [...types.values()]
        .filter((it) => it.kind === "trigger" && it.connector !== "core")
        .map((it): Offer => ({ value: it.type, label: it.title, hint: it.category })),
    [types],
  );
  return <Listing field={props} list={atHand(items)} free />;
}

/** Kinds of business keys: those that the event beside it brings, or else all that are known. */
export function KeyControl(props: ControlProps) {
  const { types } = useScope();
  const event = types.get(String(props.siblings.type ?? ""));
  const items = useMemo(() => {
    const brought = event ? [event] : [...types.values()];
    return [...new Set(brought.flatMap((it) => it.keys))];
  }, [event, types]);
  const named = useKeyNames();
  const offers = items.map((kind): Offer => ({ value: kind, label: named(kind), hint: kind }));
  return <Listing field={props} list={atHand(offers)} free />;
}

/** What the usual kinds of business keys are called. */
function useKeyNames(): (kind: string) => string {
  const { t } = useLingui();
  const names: Record<string, string> = {
    order: t`Order`,
    customer: t`Customer`,
    person: t`Person`,
    email: t`E-mail address`,
    product: t`Product`,
    sku: t`SKU`,
    cart: t`Cart`,
    shipment: t`Shipment`,
    tracking: t`Parcel`,
    return: t`Return`,
  };
  return (kind) => names[kind] ?? kind;
}

export function ConnectionControl(props: ControlProps) {
  const { types } = useScope();
  const connections = useConnections();
  const connector = types.get(String(props.siblings.type ?? ""))?.connector;
  const items = connections.items
    ?.filter((it) => connector === undefined || it.connector === connector)
    .map((it): Offer => ({ value: it.id, label: it.name }));
  return <Listing field={props} list={{ ...connections, items }} />;
}

export function ZoneControl(props: ControlProps) {
  const { timezone } = useScope();
  const zones = useMemo(
    () => ["UTC", ...Intl.supportedValuesOf("timeZone")].map((zone) => offerOf(zone)),
    [],
  );
  return (
    <Listing
      field={{ ...props, schema: { ...props.schema, default: timezone } }}
      list={atHand(zones)}
      free
    />
  );
}

const offerOf = (zone: string): Offer => ({ value: zone, label: zone.replaceAll("_", " ") });

/** What a loop keeps of each item. */
export function CollectControl(props: ControlProps) {
  const { t } = useLingui();
  const { inside } = useScope();
  const offers: Offer[] = [
    { value: true, label: t`What the last node inside gives` },
    ...inside.map(({ id, title }) => ({ value: id, label: t`What “${title}” gives`, hint: id })),
  ];
  return (
    <SearchChoice
      id={props.id}
      title={props.title}
      value={props.value ?? undefined}
      offers={offers}
      invalid={props.invalid}
      placeholder={t`Nothing`}
      readFree={asTyped}
      onChange={props.onChange}
    />
  );
}

const DEPTH = 3;

/** A field of a list's items, by its place in them. */
export function PlaceControl(props: ControlProps) {
  const names = hintOf(props.schema).names ?? ["item"];
  const { variables } = useLocalScope({ "x-tramo": { names } });
  const [item] = variables;
  const offers = useMemo(() => (item ? placesOf(item, [], DEPTH) : []), [item]);
  return <Listing field={props} list={atHand(offers)} free />;
}

function placesOf(item: Variable, path: (string | number)[], depth: number): Offer[] {
  if (depth === 0) return [];
  return membersOf(item, path).flatMap((member): Offer[] => {
    if (typeof member.key === "number") return [];
    const place = [...path, member.key];
    const inner = isObject(member.value) || isObject(member.schema?.properties);
    const below = inner ? placesOf(item, place, depth - 1) : [];
    if (below.length > 0) return below;
    return [{ value: place.join("."), label: place.join("."), hint: member.title }];
  });
}

/** A place in the flow to choose: where a step is moved to, or where it continues. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Modal, NativeSelect, TextInput, UnstyledButton } from "@mantine/core";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { makeEdge, refuseEdge } from "~/model/edge.ts";
import { type FlowDocument, type FlowNode, findNode } from "~/model/flow.ts";
import { type NodeTypes, outputPorts } from "~/model/port.ts";
import { plainText } from "~/model/search.ts";
import { mainPort, type Step } from "~/model/sentence/outline.ts";
import { plainSentence } from "~/model/sentence/sentence.ts";
import { blockOf, type Spot, spotAfter } from "~/model/sentence/spot.ts";
import { usePortTitle } from "~/runs/way.ts";
import { takeFocus } from "~/ui/seek.ts";
import { useKnown } from "../data.ts";
import { useFlowDocument } from "../store.ts";
import type { Edits } from "./edits.ts";
import classes from "./sentence.module.css";
import type { Told } from "./told.ts";

interface PlaceDialogProps {
  id: string;
  aim: "move" | "connect";
  told: Told;
  edits: Edits;
  onClose: () => void;
}

interface Place {
  key: string;
  number: string;
  text: string;
  depth: number;
  act: () => void;
}

export function PlaceDialog({ id, aim, told, edits, onClose }: PlaceDialogProps) {
  const { t } = useLingui();
  const flow = useFlowDocument();
  const { types } = useKnown();
  const portTitle = usePortTitle();
  const node = findNode(flow, id) as FlowNode;
  const ports = outputPorts(node, types.get(node.type));
  const [port, setPort] = useState(mainPort(node, types) ?? ports[0]?.name ?? "");
  const [query, setQuery] = useState("");
  const list = useRef<HTMLOListElement>(null);
  const places = useMemo(
    () =>
      aim === "move"
        ? spots(id, told, flow, types).map((it) => ({ ...it, act: () => edits.move(id, it.spot) }))
        : targets(id, port, told, flow, types).map((it) => ({
            ...it,
            act: () => edits.connect(id, port, it.key),
          })),
    [aim, id, port, told, flow, types, edits],
  );
  const words = plainText(query).split(/\s+/).filter(Boolean);
  const found = places.filter(({ number, text }) => {
    const plain = plainText(`${number} ${text}`);
    return words.every((word) => plain.includes(word));
  });
  const take = (place: Place) => {
    place.act();
    onClose();
  };
  const walk = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const buttons = [...(list.current?.querySelectorAll("button") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[Math.min(Math.max(at + step, 0), buttons.length - 1)]?.focus();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size={520}
      returnFocus={false}
      title={aim === "move" ? t`Move it behind…` : t`Continue at…`}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrows go through the list below. */}
      <div className={classes.places} onKeyDown={walk}>
        {aim === "connect" && ports.length > 1 && (
          <NativeSelect
            label={t`By which way`}
            value={port}
            onChange={(event) => setPort(event.currentTarget.value)}
            data={ports.map((it) => ({ value: it.name, label: portTitle(it) }))}
          />
        )}
        <TextInput
          ref={takeFocus}
          data-autofocus
          type="search"
          aria-label={t`Search steps`}
          placeholder={t`Search steps`}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={(event) => {
            const [first] = found;
            if (event.key === "Enter" && first) take(first);
          }}
        />
        {found.length === 0 ? (
          <p className={classes.hint}>
            <Trans>There is no such place.</Trans>
          </p>
        ) : (
          <ol className={classes.list} ref={list}>
            {found.map((place) => (
              <li key={place.key}>
                <UnstyledButton
                  className={classes.place}
                  style={{ paddingLeft: 10 + 14 * Math.min(place.depth, 6) }}
                  onClick={() => take(place)}
                >
                  <span className={classes.number}>{place.number}</span> <span>{place.text}</span>
                </UnstyledButton>
              </li>
            ))}
          </ol>
        )}
      </div>
    </Modal>
  );
}

const depthOf = (number: string): number => number.split(".").length - 1;

/** Behind every step, and first in every way and loop, but for the step's own. */
function spots(id: string, told: Told, flow: FlowDocument, types: NodeTypes) {
  const own = blockOf(told.outline, id);
  const places: (Omit<Place, "act"> & { spot: Spot })[] = [];
  for (const step of told.outline.steps.values()) {
    const node = told.names.node(step.id);
    if (!node || own.has(step.id)) continue;
    const after = mainPort(node, types) === null ? null : spotAfter(flow, types, step.id);
    const text = plainSentence(told.sentence(node));
    const { number } = step;
    if (after) places.push({ key: step.id, number, text, depth: depthOf(number), spot: after });
    places.push(...waySpots(step, node, told));
  }
  return places;
}

function waySpots(step: Step, node: FlowNode, told: Told) {
  return step.ways.map((way) => {
    const { port } = way;
    const spot: Spot =
      port === null ? { kind: "inside", loop: step.id } : { kind: "after", node: step.id, port };
    return {
      key: `${step.id} ${port ?? ""}`,
      number: port === null ? `${step.number}.` : way.number,
      text: plainSentence(port === null ? told.sentence(node) : told.way(node, port)),
      depth: depthOf(step.number) + 1,
      spot,
    };
  });
}

/** The steps that a step may lead to. */
function targets(
  id: string,
  port: string,
  told: Told,
  flow: FlowDocument,
  types: NodeTypes,
): Omit<Place, "act">[] {
  return [...told.outline.steps.values()].flatMap((step) => {
    const node = told.names.node(step.id);
    if (!node || refuseEdge(flow, types, makeEdge(id, port, step.id))) return [];
    const { number } = step;
    return [
      { key: step.id, number, text: plainSentence(told.sentence(node)), depth: depthOf(number) },
    ];
  });
}

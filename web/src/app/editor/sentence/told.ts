/** A flow told: its outline, and the sentence of each node, made anew only where something changed. */
import { useLingui } from "@lingui/react";
import { useMemo, useRef } from "react";
import type { FlowDocument, FlowNode } from "~/model/flow.ts";
import type { NodeTypes } from "~/model/port.ts";
import { type Called, type Names, namesOf } from "~/model/sentence/name.ts";
import { type Outline, outlineOf } from "~/model/sentence/outline.ts";
import { type Part, sayNode, sayWay } from "~/model/sentence/sentence.ts";
import { type Words, wordsOf } from "~/model/sentence/words.ts";
import { useCalled } from "../called.ts";

export interface Told {
  outline: Outline;
  names: Names;
  words: Words;
  /** The same array for as long as the sentence is the same. */
  sentence: (node: FlowNode) => Part[];
  way: (node: FlowNode, port: string) => Part[];
}

interface Kept {
  sign: string;
  types: NodeTypes;
  words: Words;
  called: Called;
  sentences: WeakMap<FlowNode, Map<string | null, Part[]>>;
}

/** What the sentence of any node may depend on beside itself: what others are called and hold. */
function signOf(flow: FlowDocument): string {
  return flow.nodes
    .map(({ id, type, label, inside, params }) => {
      const loop = params?.items === undefined ? "" : JSON.stringify([params.items, params.as]);
      return `${id} ${type} ${label ?? ""} ${inside ?? ""} ${loop}`;
    })
    .join("\n");
}

export function useTold(flow: FlowDocument, types: NodeTypes): Told {
  const { i18n } = useLingui();
  const { locale } = i18n;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new language is the same object.
  const words = useMemo(() => wordsOf(i18n), [i18n, locale]);
  const outline = useMemo(() => outlineOf(flow, types), [flow, types]);
  const called = useCalled(flow.nodes, types);
  const kept = useRef<Kept | null>(null);
  return useMemo(() => {
    const sign = signOf(flow);
    const names = namesOf(flow, types, called);
    const same = kept.current;
    const is = { sign, types, words, called };
    const fresh =
      same && (Object.keys(is) as (keyof typeof is)[]).every((name) => same[name] === is[name])
        ? same
        : { ...is, sentences: new WeakMap() };
    kept.current = fresh;
    const said = (node: FlowNode, port: string | null, say: () => Part[]): Part[] => {
      const own = fresh.sentences.get(node) ?? new Map<string | null, Part[]>();
      fresh.sentences.set(node, own);
      const parts = own.get(port) ?? say();
      own.set(port, parts);
      return parts;
    };
    return {
      outline,
      names,
      words,
      sentence: (node) => said(node, null, () => sayNode(names, node, words)),
      way: (node, port) => said(node, port, () => sayWay(names, node, port, words)),
    };
  }, [flow, types, words, outline, called]);
}

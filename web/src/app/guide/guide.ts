/**
 * The first-run guide: which flow it builds and how far that is.
 *
 * How far it is, the flow itself says: every step has a question to it. So it can be left at any
 * time, done in another order, undone, and resumed on another day.
 */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useSyncExternalStore } from "react";
import type { FlowDocument, FlowNode } from "~/model/flow.ts";
import { recall, remember } from "~/ui/memory.ts";

export const triggerType = "shopify.order_created";
export const actionType = "slack.post_message";

export interface GuideStep {
  id: string;
  title: MessageDescriptor;
  text: MessageDescriptor;
  /** The controls that it is about, the best first; the first one on the page is pointed at. */
  points: readonly string[];
  /** One types what it asks for: it is not done before that has come to rest. */
  typed?: boolean;
  isDone: (flow: FlowDocument, run: boolean) => boolean;
}

const nodeOf = (flow: FlowDocument, type: string): FlowNode | undefined =>
  flow.nodes.find((node) => node.type === type);
const isLed = (flow: FlowDocument): boolean => {
  const action = nodeOf(flow, actionType);
  return action !== undefined && flow.edges.some((edge) => edge.to === action.id);
};
const isFilled = (flow: FlowDocument, param: string): boolean => {
  const value = nodeOf(flow, actionType)?.params?.[param];
  return value !== undefined && value !== null && value !== "";
};

/** The message's node, where its form is not open: on the canvas, or among the sentences. */
const chosenNode = [
  '.react-flow__node:has([data-testid^="node-post"])',
  '[data-testid^="step-post"]',
] as const;

/** What the button looks like that lists the data. */
const braces = "{ }";

export const steps: readonly GuideStep[] = [
  {
    id: "trigger",
    title: msg`Choose what starts the flow`,
    text: msg`Choose “Order created”: the flow begins with each new order.`,
    points: [`[data-start="${triggerType}"]`, `[data-type="${triggerType}"]`],
    isDone: (flow) => nodeOf(flow, triggerType) !== undefined,
  },
  {
    id: "action",
    title: msg`Add what should happen`,
    text: msg`Pull out the dot at the right of “Order created”, or press N or +. Write “slack” and choose “Post message”.`,
    points: [
      `[data-type="${actionType}"]`,
      '.react-flow__handle[data-free="true"]',
      "[data-add-after]",
      "[data-node-search]",
    ],
    isDone: isLed,
  },
  {
    id: "channel",
    title: msg`Say where`,
    text: msg`Choose a channel, such as #orders. No real person reads this chat.`,
    points: ['[data-pointer="/channel"]', ...chosenNode],
    typed: true,
    isDone: (flow) => isFilled(flow, "channel"),
  },
  {
    id: "text",
    title: msg`Say what`,
    text: msg`Press ${braces} above the text and click the order’s number. Write around it what you like.`,
    points: ['[data-pointer="/text"]', ...chosenNode],
    typed: true,
    isDone: (flow) => isFilled(flow, "text"),
  },
  {
    id: "run",
    title: msg`Run it`,
    text: msg`Press Run, and Run once more: an example order goes through the flow before your eyes.`,
    points: ['[role="dialog"] [data-autofocus]', '[data-guide="run"]', '[data-guide="more"]'],
    isDone: (_, run) => run,
  },
];

interface GuideState {
  /** The flow that it builds. */
  flow: string | null;
  /** It was finished, or is not wanted. */
  over: boolean;
}

const remembered = "tramo.guide";
const changed = "tramo:guide";
const blank: GuideState = { flow: null, over: false };
let read: { text: string | null; state: GuideState } = { text: null, state: blank };

function readGuide(): GuideState {
  const text = recall(remembered);
  if (text !== read.text) read = { text, state: text === null ? blank : parse(text) };
  return read.state;
}

function parse(text: string): GuideState {
  try {
    const { flow, over } = JSON.parse(text) as Partial<GuideState>;
    return { flow: typeof flow === "string" ? flow : null, over: over === true };
  } catch {
    return blank;
  }
}

export function setGuide(state: GuideState): void {
  remember(remembered, JSON.stringify(state));
  dispatchEvent(new Event(changed));
}

function subscribe(notify: () => void): () => void {
  addEventListener(changed, notify);
  return () => removeEventListener(changed, notify);
}

export const useGuide = (): GuideState => useSyncExternalStore(subscribe, readGuide);

/** Runs and steps in plain words: one place decides how each state is called, drawn and explained. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react";
import { useLingui as useLinguiMacro } from "@lingui/react/macro";
import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleHelp,
  CircleX,
  Hourglass,
  LoaderCircle,
  type LucideIcon,
  ShieldAlert,
  SkipForward,
} from "lucide-react";
import type { Act, Outcome, RunState, StepState } from "~/api/contract.ts";

export type AnyState = RunState | StepState;
type Tone = "ok" | "busy" | "ask" | "bad" | "quiet";

interface StateWords {
  label: MessageDescriptor;
  icon: LucideIcon;
  tone: Tone;
}

export const stateWords: Record<AnyState, StateWords> = {
  queued: { label: msg`Queued`, icon: CircleDashed, tone: "quiet" },
  running: { label: msg`Running`, icon: LoaderCircle, tone: "busy" },
  waiting: { label: msg`Waiting`, icon: Hourglass, tone: "busy" },
  asking: { label: msg`Needs your answer`, icon: CircleHelp, tone: "ask" },
  succeeded: { label: msg({ message: "Done", context: "state" }), icon: CircleCheck, tone: "ok" },
  failed: { label: msg`Failed`, icon: CircleX, tone: "bad" },
  cancelled: { label: msg`Cancelled`, icon: Ban, tone: "quiet" },
  quarantined: { label: msg`Set aside`, icon: ShieldAlert, tone: "ask" },
  skipped: { label: msg`Skipped`, icon: SkipForward, tone: "quiet" },
};

/** What a run's state means for the person who looks at it. */
export const meaningWords: Record<RunState, MessageDescriptor> = {
  queued: msg`It starts as soon as there is room.`,
  running: msg`It is working through its steps right now.`,
  waiting: msg`It goes on by itself when what it waits for happens.`,
  asking: msg`One step may or may not have happened. It goes on once you say which.`,
  succeeded: msg`Every step that had to run has run.`,
  failed: msg`A step failed, so the steps after it did not run.`,
  cancelled: msg`It was stopped before its end.`,
  quarantined: msg`It failed again and again for reasons of its own, so it was set aside.`,
};

const reasons: Record<string, MessageDescriptor> = {
  concurrency: msg`Other runs of the flow go first: it allows only so many at once.`,
  unknown_outcome: msg`Tramo sent a request and no answer came back, so it cannot know whether it happened.`,
  connection_refused: msg`The connection was refused. Sign in to it again and the run goes on.`,
  credential_refused: msg`The connection was refused. Sign in to it again and the run goes on.`,
  connection_parked: msg`The connection was refused. Sign in to it again and the run goes on.`,
};

const keyKinds: Record<string, MessageDescriptor> = {
  order: msg`Order`,
  order_name: msg`Order`,
  email: msg`Customer`,
  customer: msg`Customer`,
  person: msg`Customer`,
  product: msg`Product`,
  sku: msg`SKU`,
  cart: msg`Cart`,
  shipment: msg`Shipment`,
  return: msg`Returned goods`,
  refund: msg`Refund`,
  quote: msg`Quote`,
  invoice: msg`Invoice`,
  inventory_item: msg`Stock item`,
  location: msg`Location`,
  message: msg`Message`,
};

export function useRunWords() {
  const { i18n } = useLingui();
  return {
    state: (state: AnyState) => i18n._(stateWords[state].label),
    meaning: (state: RunState, reason: string | null) =>
      i18n._((reason !== null && reasons[reason]) || meaningWords[state]),
    /** The name of a business key's kind; one that we do not know shows as its connector wrote it. */
    keyKind(kind: string): string {
      const known = keyKinds[kind];
      if (known) return i18n._(known);
      const text = kind.replaceAll("_", " ");
      return text.charAt(0).toUpperCase() + text.slice(1);
    },
  };
}

export const actWords: Record<Act["what"], MessageDescriptor> = {
  answer: msg`settled a doubt`,
  rerun: msg`ran it again`,
  trial: msg`tried some nodes with its data`,
  move: msg`moved it to another version`,
  again: msg`did it all again`,
  cancel: msg`stopped the run`,
  stop: msg`stopped the run`,
  release: msg`let it go on`,
  hurry: msg`ended a wait`,
};

export const outcomeWords: Record<Outcome, MessageDescriptor> = {
  happened: msg`said: it happened`,
  resend: msg`had it sent once more`,
  abort: msg`ended the run in doubt`,
};

/** What somebody did, to stand after their name. */
export function useActWords(): (act: Act) => string {
  const { i18n, t } = useLinguiMacro();
  return (act) => {
    const said = i18n._(act.outcome === null ? actWords[act.what] : outcomeWords[act.outcome]);
    const { reference } = act;
    return act.what === "answer" && reference !== null ? t`${said}, as ${reference}` : said;
  };
}

export const isOver = (state: RunState): boolean =>
  state === "succeeded" || state === "failed" || state === "cancelled";

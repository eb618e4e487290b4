/**
 * Failures of runs in the reader's language, by their codes.
 *
 * What the product itself says is said anew; what the other side wrote stays as it is, and is
 * shown as its words.
 */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { Failure } from "~/api/contract.ts";
import { isObject, type Json } from "~/api/json.ts";

/** Sentences of the product's own failures. */
const own: Record<string, MessageDescriptor> = {
  "step.timeout": msg`It took longer than its time limit allows.`,
  "step.unknown_outcome": msg`The request was sent and its answer was lost, so nobody knows whether it happened. Look on the other side and say which.`,
  "run.timeout": msg`The run took longer than the flow's time limit allows.`,
  "run.lease_over": msg`Tramo was interrupted while this was under way.`,
  "store.unavailable": msg`Tramo was interrupted while this was under way.`,
  "once.key_missing": msg`This run lacks the key that this is to be done once for. Choose a key that the trigger gives.`,
  "flow.call_failed": msg`The flow that was called did not succeed.`,
  "flow.call_not_kept": msg`What the called flow did in the runs before is not kept any more, so that it might do it again. Start that flow anew, for what is missing.`,
  "flow.not_active": msg`The flow that is called is paused or not published.`,
  "flow.not_callable": msg`The flow that is called has no trigger that a call can fire.`,
  "flow.too_deep": msg`Too many flows call each other. A flow that calls itself has to stop at some point.`,
  "flow.unknown": msg`The flow that is called is no longer there.`,
  "connection.missing": msg`The connection that this needs is not there. Choose another one.`,
  "connection.mismatch": msg`The chosen connection is to another kind of account. Choose a fitting one.`,
  "connection.outdated": msg`The connection lacks fields that this version of the connector needs. Open it and complete them.`,
  "connection.field": msg`A field of the connection cannot be used as it is. Open it and correct it.`,
  "connector.bug": msg`The connector made a mistake of its own. Tell its author.`,
  "connector.unavailable": msg`Something that this connector needs is missing on the server.`,
  "params.invalid": msg`What this step was given cannot be sent.`,
  "outbound.address": msg`This address may not be called from here.`,
  "outbound.header": msg`A header of the request cannot be sent as it is.`,
  "outbound.redirect": msg`The other side sent the request on to an address that may not be called.`,
  "outbound.too_large": msg`The answer is larger than Tramo takes in.`,
  "output.too_large": msg`What this step gave is larger than a run can hold.`,
  "table.not_a_number": msg`A number was to be counted up in a table, and the cell holds something else.`,
};

/** Failures at the other side: what it wrote is shown below. */
const outside: Record<string, MessageDescriptor> = {
  "connection.refused": msg`The other side did not accept the connection. Sign in to it again.`,
  "vendor.rate_limited": msg`The other side had too many requests and asked to wait.`,
  "vendor.unavailable": msg`The other side could not do this just now.`,
  "vendor.unreachable": msg`The other side could not be reached.`,
  "vendor.no_answer": msg`The other side did not answer.`,
  "vendor.rejected": msg`The other side understood this and said no.`,
};
/** Of these the other side said nothing: what is written is our own report. */
const unheard = new Set(["vendor.rate_limited", "vendor.unreachable", "vendor.no_answer"]);
const someRefusal = msg`The other side did not do this.`;
const someFormula = msg`A formula could not be worked out with this run's data.`;

/** Own failures whose words name the field or the place: these stay in sight. */
const particular = /^(params|expression|outbound|connector|table)\.|^connection\.field$/;

/** Codes of connectors are theirs to choose; these families belong to the product. */
const families =
  /^(step|run|once|loop|flow|connector|params|expression|outbound|output|table|wait)\./;

export interface FailureText {
  /** In the reader's language. */
  said: string;
  /** What was written where it failed, in the language it was written in. */
  written: string | null;
  /** Whether the other side wrote it. */
  theirs: boolean;
}

const numbers = (value: Json | undefined): number[] =>
  Array.isArray(value) ? value.map(Number).filter(Number.isInteger) : [];

/** The message without the name of its step at its beginning, which stands beside it anyway. */
export const withoutTitle = (message: string): string => message.replace(/^“[^”]*”: /, "");

export function useFailureText(): (failure: Failure) => FailureText {
  const { t, i18n } = useLingui();
  const english = i18n.locale === "en";
  const tell = (failure: Failure): FailureText => {
    const { code, details, params } = failure;
    const message = withoutTitle(failure.message);
    if (failure.said !== undefined) {
      const words = params?.words;
      return {
        said: failure.said,
        written: typeof words === "string" ? words : null,
        theirs: true,
      };
    }
    const refusal = outside[code];
    if (refusal) {
      return { said: i18n._(refusal), written: message, theirs: !unheard.has(code) };
    }
    // Somebody wrote it into the flow for this very case.
    if (code === "run.stopped") return { said: message, written: null, theirs: false };
    if (code === "loop.items_changed") {
      const item = String(params?.item);
      return {
        said: t`Something was done for item ${item} of the list in the runs before, and another item stands there now. Put the list back as it was, then try again.`,
        written: null,
        theirs: false,
      };
    }
    if (code === "loop.item_failed" && isObject(details)) {
      const item = numbers(details.iteration)
        .map((index) => index + 1)
        .join(".");
      const inner = tell({
        code: String(details.code),
        message: String(details.message),
        details: null,
      });
      return { ...inner, said: t`Item ${item}: ${inner.said}` };
    }
    const sentence = code.startsWith("expression.") ? someFormula : own[code];
    if (english && (sentence || families.test(code))) {
      return { said: message, written: null, theirs: false };
    }
    if (!sentence) return { said: i18n._(someRefusal), written: message, theirs: true };
    const written = particular.test(code) ? message : null;
    return { said: i18n._(sentence), written, theirs: false };
  };
  return tell;
}

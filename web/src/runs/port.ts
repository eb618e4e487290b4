/** The words on the buttons of a question. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { Ask } from "~/api/contract.ts";

const known: Record<string, MessageDescriptor> = {
  yes: msg`Yes`,
  no: msg`No`,
};
const goOn = msg`Go on`;

/** What a way out is called where a person chooses it; a port of the flow's own keeps its name. */
export function portLabel(kind: Ask["kind"], port: string): MessageDescriptor | string {
  if (port === "out" && kind !== "answer") return goOn;
  if (port === "out") return msg`Answer`;
  return known[port] ?? port.replaceAll("_", " ");
}

export const asksFor = (ask: Pick<Ask, "ports">): string[] => ask.ports ?? ["yes", "no"];

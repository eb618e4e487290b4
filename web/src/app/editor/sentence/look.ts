/** How a person looks at flows, as canvas or as sentences: remembered for each and for each width. */
import { recall, remember } from "~/ui/memory.ts";

export type Look = "canvas" | "sentences";

const keyOf = (user: string, narrow: boolean) => `tramo.look.${user}.${narrow ? "narrow" : "wide"}`;

/** The look chosen before; at first sentences where there is little room, as on a phone. */
export function rememberedLook(user: string, narrow: boolean): Look {
  const stored = recall(keyOf(user, narrow));
  if (stored === "canvas" || stored === "sentences") return stored;
  return narrow ? "sentences" : "canvas";
}

export function rememberLook(user: string, narrow: boolean, look: Look): void {
  remember(keyOf(user, narrow), look);
}

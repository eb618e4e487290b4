/** Work that was not saved when somebody took over: kept in the browser until it is dealt with. */
import { parseJson, writeJson } from "~/api/json.ts";
import { type FlowDocument, readFlow } from "~/model/flow.ts";
import { forget, recall, remember } from "~/ui/memory.ts";

const place = (id: string) => `tramo.kept.${id}`;

export function keepCopy(flow: FlowDocument): void {
  remember(place(flow.id), writeJson(flow));
}

export function readKept(id: string): FlowDocument | null {
  try {
    const text = recall(place(id));
    return text === null ? null : readFlow(parseJson(text));
  } catch {
    return null;
  }
}

export function dropKept(id: string): void {
  forget(place(id));
}

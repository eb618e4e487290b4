/** Work that was not saved when somebody took over: kept in the browser until it is dealt with. */
import { parseJson, writeJson } from "~/api/json.ts";
import { type FlowDocument, readFlow } from "~/model/flow.ts";

const place = (id: string) => `tramo.kept.${id}`;

export function keepCopy(flow: FlowDocument): void {
  try {
    localStorage.setItem(place(flow.id), writeJson(flow));
  } catch {
    // A full store, or none: the copy still is in the page.
  }
}

export function readKept(id: string): FlowDocument | null {
  try {
    const text = localStorage.getItem(place(id));
    return text === null ? null : readFlow(parseJson(text));
  } catch {
    return null;
  }
}

export function dropKept(id: string): void {
  try {
    localStorage.removeItem(place(id));
  } catch {
    // Nothing was kept there.
  }
}

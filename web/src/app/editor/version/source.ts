/** The documents that are compared: the draft, unsaved work that was kept, and what was published. */
import { useQuery } from "@tanstack/react-query";
import { api } from "~/api/client.ts";
import type { FlowVersion } from "~/api/contract.ts";
import { keys } from "~/api/query.ts";
import { type FlowDocument, readFlow } from "~/model/flow.ts";
import { useFlowDocument } from "../store.ts";

/** `draft`, `kept`, or what names a version to the server. */
export type Source = string;

export const sourceOf = (version: FlowVersion): Source =>
  version.number === null ? version.version : String(version.number);

/** A version's document; nothing while it is read, or where none is asked for. */
export function useVersionDocument(flow: string, source: Source | null) {
  return useQuery({
    queryKey: keys.version(flow, source ?? ""),
    queryFn: async () => readFlow((await api.flows.version(flow, source ?? "")).document),
    enabled: source !== null,
    // What was published never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useSource(source: Source, kept: FlowDocument | null) {
  const draft = useFlowDocument();
  const own = source === "draft" ? draft : source === "kept" ? kept : null;
  const read = useVersionDocument(draft.id, own ? null : source);
  return { document: own ?? read.data ?? null, error: own ? null : read.error };
}

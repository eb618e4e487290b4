/** What is said of a paste, and what there is to paste into: which connections are here. */
import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { api } from "~/api/client.ts";
import { keys } from "~/api/query.ts";
import type { Lost } from "~/model/clipboard.ts";
import type { FlowDocument } from "~/model/flow.ts";
import { say } from "~/ui/toast.tsx";

export interface PasteTold {
  nothing: () => void;
  /** Names what could not come along. */
  pasted: (lost: Lost[]) => void;
}

const named = 4;

export function usePasteTold(): PasteTold {
  const { t, i18n } = useLingui();
  return useMemo(() => {
    const sentence = ({ what, node, name }: Lost): string => {
      switch (what) {
        case "connection":
          return t`“${node}” needs a connection: the one it had is not here.`;
        case "type":
          return node === name
            ? t`“${node}” is not installed here.`
            : t`“${node}” is not installed here (${name}).`;
        case "loop":
          return t`“${node}” now stands outside of its loop.`;
        default:
          return t`“${node}” reads “${name}”, which was not copied.`;
      }
    };
    return {
      nothing: () => say(t`There is no part of a flow to paste: copy nodes first.`, "problem"),
      pasted: (lost) => {
        if (lost.length === 0) return;
        const told = [...new Set(lost.map(sentence))];
        const more = told.length - named;
        const rest = more > 0 ? [t`And ${i18n.number(more)} more.`] : [];
        say([t`Pasted.`, ...told.slice(0, named), ...rest].join(" "), "problem");
      },
    };
  }, [t, i18n]);
}

/** Asks which connections are here, where a part names any; null where it cannot be known. */
export function useConnectionsHere(): (part: FlowDocument) => Promise<ReadonlySet<string> | null> {
  const queries = useQueryClient();
  return useCallback(
    async (part) => {
      if (!part.nodes.some((node) => node.connection !== undefined)) return null;
      try {
        const page = await queries.fetchQuery({
          queryKey: [...keys.connections, "here"],
          queryFn: () => api.connections.list({}),
          staleTime: 10_000,
        });
        return page.next ? null : new Set(page.items.map((it) => it.id));
      } catch {
        return null;
      }
    },
    [queries],
  );
}

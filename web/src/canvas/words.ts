/** What the canvas calls things that documents name by code words. */
import { useLingui } from "@lingui/react/macro";
import { useCallback, useMemo } from "react";
import type { EdgeRefusal } from "~/model/edge.ts";

/** Why an edge cannot be, in a sentence; null where no sentence helps. */
export function useRefusalText(): (refusal: EdgeRefusal) => string | null {
  const { t } = useLingui();
  return useCallback(
    (refusal) => {
      switch (refusal) {
        case "into_trigger":
          return t`A trigger starts a flow: nothing leads into it.`;
        case "cycle":
          return t`This would go round in a circle. A flow only goes forward.`;
        case "crosses_box":
          return t`An edge cannot cross the border of a loop.`;
        case "exists":
          return t`These two are already connected.`;
        case "same_node":
          return t`A node cannot lead into itself.`;
        default:
          return null;
      }
    },
    [t],
  );
}

/** What a screen reader says of how nodes and edges are handled, in the place of React Flow's own. */
export function useDescriptions(): Record<string, string> {
  const { t } = useLingui();
  const node = t`Enter opens the node. Arrow keys go along its edges, N adds a node after it.`;
  const edge = t`An edge leads from one node to the next.`;
  return useMemo(
    () => ({
      "node.a11yDescription.default": node,
      "node.a11yDescription.keyboardDisabled": node,
      "edge.a11yDescription.default": edge,
    }),
    [node, edge],
  );
}

import { useLingui } from "@lingui/react";
import type { NodeType } from "~/api/contract.ts";
import { useCatalog } from "~/api/query.ts";

interface Named {
  node: string;
  type: string | null;
  label: string | null;
}

/** How a step is called: by the label that people gave it, else by its type, else by its id. */
export function useStepName(step: Named): { title: string; type: NodeType | undefined } {
  const { i18n } = useLingui();
  const catalog = useCatalog(i18n.locale);
  const type = catalog.data?.node_types.find((known) => known.type === step.type);
  return { title: step.label ?? type?.title ?? step.node, type };
}

/** What the ways out of a node are called, and which of them a step of a run took. */
import { useLingui } from "@lingui/react/macro";
import { useCallback } from "react";
import type { NodeType, Port, Run, Step } from "~/api/contract.ts";
import { type FlowDocument, findNode, readFlow } from "~/model/flow.ts";
import { listsPorts } from "~/model/place.ts";
import { outputPorts } from "~/model/port.ts";

export function usePortTitle(): (port: Port) => string {
  const { t } = useLingui();
  return useCallback(
    (port) => {
      if (port.title && port.title !== port.name) return port.title;
      switch (port.name) {
        case "out":
          return t`Then`;
        case "else":
          return t`Otherwise`;
        case "error":
          return t`On error`;
        case "done":
          return t`When all are done`;
        default:
          return port.name;
      }
    },
    [t],
  );
}

/** The flow as a run had it; null where its document cannot be read. */
export function flowOfRun(run: Run): FlowDocument | null {
  try {
    return readFlow(run.document);
  } catch {
    return null;
  }
}

/** The way that a step took, where its node has several; null where there is nothing to tell. */
export function useWay(
  flow: FlowDocument | null,
  type: NodeType | undefined,
  step: Step | undefined,
): string | null {
  const portTitle = usePortTitle();
  const node = flow && step && findNode(flow, step.node);
  if (!node || !step?.port) return null;
  const ports = outputPorts(node, type);
  const port = listsPorts(ports) && ports.find(({ name }) => name === step.port);
  return port ? portTitle(port) : null;
}

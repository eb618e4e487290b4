/** The list of nodes at the place where something is asked for. */
import { useLingui } from "@lingui/react/macro";
import { Popover } from "@mantine/core";
import { useCallback } from "react";
import type { NodeType } from "~/api/contract.ts";
import type { AddRequest } from "~/canvas/Canvas.tsx";
import { type FlowDocument, findNode } from "~/model/flow.ts";
import { NodeSearch } from "./NodeSearch.tsx";
import { useFlowDocument } from "./store.ts";

/** Whether a type can stand where a node is asked for, led into and leading on as is asked. */
export function fitsAt(flow: FlowDocument, type: NodeType, request: AddRequest): boolean {
  const { after, before, edge, inside } = request;
  const trigger = type.kind === "trigger";
  const leads = type.ports.length > 0 || type.own_ports !== null;
  if (edge !== undefined) return !trigger && leads;
  if (before !== undefined) return leads && (!trigger || !findNode(flow, before)?.inside);
  return !trigger || (after === undefined && inside === undefined);
}

interface QuickAddProps {
  request: AddRequest;
  onClose: () => void;
  onChoose: (type: string, request: AddRequest) => void;
}

export function QuickAdd({ request, onClose, onChoose }: QuickAddProps) {
  const { t } = useLingui();
  const flow = useFlowDocument();
  const fits = useCallback((type: NodeType) => fitsAt(flow, type, request), [flow, request]);
  const { x, y } = request.screen;
  return (
    <Popover
      opened
      onChange={(opened) => !opened && onClose()}
      position="right-start"
      shadow="lg"
      width={300}
      withRoles={false}
      trapFocus
      hideDetached={false}
      returnFocus
    >
      <Popover.Target>
        <span aria-hidden style={{ position: "fixed", left: x, top: y, width: 1, height: 1 }} />
      </Popover.Target>
      <Popover.Dropdown p={10} role="dialog" aria-label={t`Add a node here`}>
        <NodeSearch
          eager
          fits={fits}
          height={360}
          onChoose={(type) => {
            onChoose(type.type, request);
            onClose();
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

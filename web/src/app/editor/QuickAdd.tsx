/** The list of nodes at the place where something is asked for. */
import { useLingui } from "@lingui/react/macro";
import { Popover } from "@mantine/core";
import { useCallback } from "react";
import type { NodeType } from "~/api/contract.ts";
import type { AddRequest } from "~/canvas/Canvas.tsx";
import { NodeSearch } from "./NodeSearch.tsx";

interface QuickAddProps {
  request: AddRequest | null;
  onClose: () => void;
  onChoose: (type: string, request: AddRequest) => void;
}

export function QuickAdd({ request, onClose, onChoose }: QuickAddProps) {
  const { t } = useLingui();
  const follows = request?.after !== undefined || request?.edge !== undefined;
  const fits = useCallback((type: NodeType) => !follows || type.kind !== "trigger", [follows]);
  if (!request) return null;
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
      returnFocus
      middlewares={{ flip: true, shift: { padding: 12 } }}
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

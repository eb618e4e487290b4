/** The list of nodes for a place between sentences: a dialog, and a sheet where there is little room. */
import { useLingui } from "@lingui/react/macro";
import { Drawer, Modal } from "@mantine/core";
import { useCallback } from "react";
import type { NodeType } from "~/api/contract.ts";
import type { Spot } from "~/model/sentence/spot.ts";
import sheet from "../editor.module.css";
import { NodeSearch } from "../NodeSearch.tsx";
import { useNarrow } from "../narrow.ts";
import classes from "./sentence.module.css";

interface AddStepProps {
  spot: Spot | null;
  onClose: () => void;
  onChoose: (type: string, spot: Spot) => void;
}

export function AddStep({ spot, onClose, onChoose }: AddStepProps) {
  const { t } = useLingui();
  const narrow = useNarrow();
  const start = spot?.kind === "start";
  const fits = useCallback((type: NodeType) => (type.kind === "trigger") === start, [start]);
  if (!spot) return null;
  const title = start ? t`How does this flow start?` : t`Add a step`;
  const list = (
    <NodeSearch
      eager
      fits={fits}
      {...(!narrow && { height: 420 })}
      onChoose={(type) => {
        onClose();
        onChoose(type.type, spot);
      }}
    />
  );
  return narrow ? (
    <Drawer
      opened
      onClose={onClose}
      position="bottom"
      size="88%"
      title={title}
      returnFocus
      classNames={{ body: classes.sheet, content: sheet.sheetContent }}
    >
      {list}
    </Drawer>
  ) : (
    <Modal opened onClose={onClose} title={title} size={420} returnFocus>
      {list}
    </Modal>
  );
}

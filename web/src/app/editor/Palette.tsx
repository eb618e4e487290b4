/** The shelf of nodes on the left: drag one onto the canvas, or choose it with Enter or a click. */
import { Trans, useLingui } from "@lingui/react/macro";
import { CloseButton } from "@mantine/core";
import { memo } from "react";
import type { NodeType } from "~/api/contract.ts";
import classes from "./editor.module.css";
import { NodeSearch } from "./NodeSearch.tsx";

interface PaletteProps {
  /** A trigger is wanted, and nothing else. */
  starting: boolean;
  onChoose: (type: string) => void;
  onClose: () => void;
  draggable: boolean;
}

const startsFlow = (type: NodeType): boolean => type.kind === "trigger";

export const Palette = memo(function Palette(props: PaletteProps) {
  const { starting, onChoose, onClose, draggable } = props;
  const { t } = useLingui();
  return (
    <section className={classes.side} aria-label={t`Add a node`}>
      <header className={classes.sideHead}>
        <h2>{starting ? <Trans>How does this flow start?</Trans> : <Trans>Add a node</Trans>}</h2>
        <CloseButton size="sm" aria-label={t`Close the list of nodes`} onClick={onClose} />
      </header>
      <NodeSearch
        key={String(starting)}
        onChoose={(type) => onChoose(type.type)}
        draggable={draggable}
        {...(starting && { fits: startsFlow, eager: true })}
      />
    </section>
  );
});

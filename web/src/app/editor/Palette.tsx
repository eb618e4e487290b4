/** The shelf of nodes on the left: drag one onto the canvas, or choose it with Enter or a click. */
import { Trans, useLingui } from "@lingui/react/macro";
import { CloseButton } from "@mantine/core";
import { memo } from "react";
import classes from "./editor.module.css";
import { NodeSearch } from "./NodeSearch.tsx";

interface PaletteProps {
  onChoose: (type: string) => void;
  onClose: () => void;
  draggable: boolean;
}

export const Palette = memo(function Palette(props: PaletteProps) {
  const { onChoose, onClose, draggable } = props;
  const { t } = useLingui();
  return (
    <section className={classes.side} aria-label={t`Add a node`}>
      <header className={classes.sideHead}>
        <h2>
          <Trans>Add a node</Trans>
        </h2>
        <CloseButton size="sm" aria-label={t`Close the list of nodes`} onClick={onClose} />
      </header>
      <NodeSearch onChoose={(type) => onChoose(type.type)} draggable={draggable} />
    </section>
  );
});

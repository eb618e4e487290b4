/** What stands beside the canvas, on a phone: a sheet drawn up from below. */
import { Drawer } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./editor.module.css";

interface SheetProps {
  opened: boolean;
  height: string;
  /** What it is called. */
  label: string;
  onClose: () => void;
  children: ReactNode;
}

export function Sheet({ opened, height, label, onClose, children }: SheetProps) {
  return (
    <Drawer.Root opened={opened} onClose={onClose} position="bottom" size={height}>
      <Drawer.Overlay />
      <Drawer.Content aria-label={label} className={classes.sheetContent}>
        <Drawer.Body className={classes.sheet}>{children}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

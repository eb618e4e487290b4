/** The frame in which a tip stands beside what it is about. */
import { Tooltip } from "@mantine/core";
import type { ReactNode } from "react";

export function TipFrame({ target, label }: { target: HTMLElement; label: ReactNode }) {
  return <Tooltip opened target={target} label={label} transitionProps={{ duration: 0 }} />;
}

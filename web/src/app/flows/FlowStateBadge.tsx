import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react";
import type { FlowState } from "~/api/contract.ts";
import classes from "./badge.module.css";

const labels: Record<FlowState, MessageDescriptor> = {
  draft: msg`Draft`,
  active: msg`Active`,
  paused: msg`Paused`,
};

export function FlowStateBadge({ state }: { state: FlowState }) {
  const { i18n } = useLingui();
  return (
    <span className={classes.badge} data-state={state}>
      {i18n._(labels[state])}
    </span>
  );
}

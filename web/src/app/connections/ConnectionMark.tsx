/** Small signs that stand beside a connection. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import type { Connection } from "~/api/contract.ts";
import classes from "./connections.module.css";

export function TwinBadge() {
  const { t } = useLingui();
  return (
    <span className={classes.twin} title={t`An imitation inside Tramo: it reaches nobody.`}>
      <Trans>Practice</Trans>
    </span>
  );
}

/** How many active flows use it; their names on a closer look. */
export function UsedBy({ connection }: { connection: Connection }) {
  const { length: count } = connection.flows;
  return (
    <span className={classes.soft} title={connection.flows.join("\n") || undefined}>
      {count === 0 ? (
        <Trans>No active flow uses it</Trans>
      ) : (
        <Plural value={count} one="Used by # active flow" other="Used by # active flows" />
      )}
    </span>
  );
}

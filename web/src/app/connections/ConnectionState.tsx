import { Trans } from "@lingui/react/macro";
import { CircleCheck, CircleDashed, CircleX } from "lucide-react";
import type { Connection } from "~/api/contract.ts";
import { Ago } from "~/ui/Moment.tsx";
import classes from "./connections.module.css";

/** Whether the account works, by what its last real test said. */
export function ConnectionState({ connection }: { connection: Connection }) {
  const { state, account, tested_at } = connection;
  return (
    <span className={classes.state} data-state={state}>
      {state === "ok" && (
        <>
          <CircleCheck size={16} aria-hidden />
          <span>{account ? <Trans>Works as {account}</Trans> : <Trans>Works</Trans>}</span>
        </>
      )}
      {state === "refused" && (
        <>
          <CircleX size={16} aria-hidden />
          <span>
            <Trans>Refused: sign in again</Trans>
          </span>
        </>
      )}
      {state === "untested" && (
        <>
          <CircleDashed size={16} aria-hidden />
          <span>
            <Trans>Not tested yet</Trans>
          </span>
        </>
      )}
      {tested_at && (
        <span className={classes.soft}>
          <Ago at={tested_at} />
        </span>
      )}
    </span>
  );
}

import { Trans } from "@lingui/react/macro";
import { CloudOff } from "lucide-react";
import type { LiveStatus } from "~/api/live.ts";
import classes from "./line.module.css";

/** Says that what is shown may be behind, while the live line is down. */
export function LineNotice({ status }: { status: LiveStatus }) {
  return (
    <div role="status" className={classes.line} data-broken={status === "broken" || undefined}>
      {status === "broken" && (
        <>
          <CloudOff size={15} aria-hidden />
          <Trans>The live view is interrupted. It comes back by itself.</Trans>
        </>
      )}
    </div>
  );
}

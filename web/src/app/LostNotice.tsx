/** Says that the server is out of reach, asks for it again, and lets pages go on once it is back. */
import { Trans } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { CloudOff } from "lucide-react";
import { useEffect } from "react";
import { useStore } from "zustand";
import { api } from "~/api/client.ts";
import { reach } from "~/api/reach.ts";
import classes from "./lost.module.css";

const again_ms = 3_000;

export function LostNotice() {
  const lost = useStore(reach, (state) => state.lost);
  const queries = useQueryClient();
  useEffect(() => {
    if (!lost) return;
    const ask = () => void api.session.get().catch(() => {});
    const timer = setInterval(ask, again_ms);
    addEventListener("online", ask);
    return () => {
      clearInterval(timer);
      removeEventListener("online", ask);
      // What could not be read meanwhile, or has changed, is read now.
      void queries.invalidateQueries();
    };
  }, [lost, queries]);
  return (
    <div role="status" className={classes.lost} data-lost={lost || undefined}>
      {lost && (
        <>
          <CloudOff size={17} aria-hidden />
          <span>
            <Trans>
              The server is out of reach. Nothing is sent until it is back; what you change in a
              flow is kept on this page.
            </Trans>
          </span>
        </>
      )}
    </div>
  );
}

import { Cable } from "lucide-react";
import type { Connector } from "~/api/contract.ts";
import classes from "./connections.module.css";

export function ConnectorIcon({ connector }: { connector: Connector | undefined }) {
  return (
    <span className={classes.icon} aria-hidden>
      {connector?.icon ? (
        <img src={connector.icon} alt="" width={24} height={24} />
      ) : (
        <Cable size={20} />
      )}
    </span>
  );
}

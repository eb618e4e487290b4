/** Accounts that nodes name and that are not here: the server says so only when a flow goes live. */
import type { Connection } from "~/api/contract";
import type { FlowDocument } from "../flow";
import type { NodeTypes } from "../port";
import type { Finding } from "./draft";

/** A problem for each node whose connection is gone, or another system's. */
export function strayConnections(
  flow: FlowDocument,
  types: NodeTypes,
  connections: readonly Connection[],
): Finding[] {
  const connectors = new Map(connections.map((it) => [it.id, it.connector]));
  return flow.nodes.flatMap((node, index): Finding[] => {
    const type = types.get(node.type);
    if (node.disabled || node.connection === undefined) return [];
    if (!type || type.connection === "none") return [];
    if (connectors.get(node.connection) === type.connector) return [];
    const params = { node: node.id };
    const path = `/nodes/${index}/connection`;
    return [{ path, code: "node.connection_unknown", level: "error", params }];
  });
}

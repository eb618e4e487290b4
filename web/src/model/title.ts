/** What people call a node: the name they gave it, or its type's. */
import type { NodeType } from "~/api/contract";
import type { FlowNode } from "./flow";
import { plainNodeId } from "./node-id";

/** A second node of one type has its number behind its title, as it has it in its id. */
export function titleOfNode(node: FlowNode, type: NodeType | undefined): string {
  if (node.label) return node.label;
  if (!type) return node.type;
  const plain = plainNodeId(node.type);
  const number = node.id.startsWith(`${plain}_`) ? node.id.slice(plain.length + 1) : "";
  return /^[1-9]\d?$/.test(number) ? `${type.title} ${number}` : type.title;
}

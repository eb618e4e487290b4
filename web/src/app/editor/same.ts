/** Which parts of a node's panel stay as they are while something is typed into another part. */
import type { FlowNode } from "~/model/flow.ts";

interface OfNode {
  node: FlowNode;
}

/** Whether two states of a node differ at most in fields that a part does not read. */
export function sameBut(one: FlowNode, other: FlowNode, unread: readonly string[]): boolean {
  if (one === other) return true;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => one[name] === other[name] || unread.includes(name));
}

/** For `memo`: draws a part anew only where a field of its node that it reads has changed. */
export const unlessReads =
  (...unread: string[]) =>
  <Props extends OfNode>(before: Props, after: Props): boolean => {
    const others = (props: Props) => Object.entries(props).filter(([name]) => name !== "node");
    const [old, now] = [others(before), others(after)];
    return (
      sameBut(before.node, after.node, unread) &&
      old.length === now.length &&
      now.every(([name, value]) => before[name as keyof Props] === value)
    );
  };

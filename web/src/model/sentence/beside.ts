/** The place one line further up or down from a step, as an outline is rearranged. */
import { type FlowDocument, findNode } from "../flow";
import { isTrigger, type NodeTypes } from "../port";
import { type Item, isLoop, mainPort, type Outline } from "./outline";
import { type Spot, spotAfter } from "./spot";

/** The place one line further up or down, into the ways and loops on the way; null at the ends. */
export function spotBeside(
  flow: FlowDocument,
  types: NodeTypes,
  outline: Outline,
  id: string,
  down: boolean,
): Spot | null {
  const found = locate(outline, id);
  return found ? (down ? spotBelow : spotAbove)(found, flow, types) : null;
}

interface Located {
  list: Item[];
  index: number;
  /** The lists beside this one, in order, each with the place where it begins. */
  lists: { items: Item[]; start: Spot | null }[];
  own: number;
  owner: Located | null;
}

function locate(outline: Outline, id: string): Located | null {
  const search = (lists: Located["lists"], owner: Located | null): Located | null => {
    for (const [own, { items }] of lists.entries()) {
      for (const [index, item] of items.entries()) {
        const here: Located = { list: items, index, lists, own, owner };
        if (item.kind === "step" && item.id === id) return here;
        const found = search(listsIn(item), here);
        if (found) return found;
      }
    }
    return null;
  };
  const top = [outline.items, outline.loose].map((items) => ({ items, start: null }));
  for (const list of top) {
    const found = search([list], null);
    if (found) return found;
  }
  return null;
}

function listsIn(item: Item): Located["lists"] {
  if (item.kind === "side") {
    return item.tracks.map((items) => ({ items, start: beforeFirst(items) }));
  }
  return item.ways.map((way) => ({
    items: way.items,
    start:
      way.port === null
        ? { kind: "inside", loop: item.id }
        : { kind: "after", node: item.id, port: way.port },
  }));
}

function beforeFirst(items: Item[]): Spot | null {
  const [first] = items;
  if (!first) return null;
  return first.kind === "step" ? { kind: "before", node: first.id } : null;
}

/** Whether what stands under an item is gone through line by line, not passed over. */
function entered(item: Item, flow: FlowDocument, types: NodeTypes): boolean {
  if (item.kind === "side") return true;
  const node = findNode(flow, item.id);
  return (
    node !== undefined && item.ways.length > 0 && (isLoop(node) || mainPort(node, types) === null)
  );
}

function spotBelow(at: Located, flow: FlowDocument, types: NodeTypes): Spot | null {
  const next = at.list[at.index + 1];
  if (next) {
    if (entered(next, flow, types)) return listsIn(next)[0]?.start ?? null;
    return next.kind === "step" ? spotAfter(flow, types, next.id) : null;
  }
  const { owner } = at;
  if (!owner) return null;
  const sibling = at.lists[at.own + 1];
  if (sibling) return sibling.start;
  const item = owner.list[owner.index];
  const node = item?.kind === "step" ? findNode(flow, item.id) : undefined;
  const main = node ? mainPort(node, types) : null;
  if (node && main !== null) return { kind: "after", node: node.id, port: main };
  const after = owner.list[owner.index + 1];
  if (after?.kind === "step") return { kind: "before", node: after.id };
  return owner.owner ? spotBelow({ ...owner, index: owner.list.length - 1 }, flow, types) : null;
}

function spotAbove(at: Located, flow: FlowDocument, types: NodeTypes): Spot | null {
  const before = at.list[at.index - 1];
  if (before) {
    if (entered(before, flow, types)) return lastSpot(before, flow, types);
    if (before.kind !== "step") return null;
    const node = findNode(flow, before.id);
    if (!node || isTrigger(types.get(node.type))) return null;
    return { kind: "before", node: before.id };
  }
  const sibling = at.lists[at.own - 1];
  if (sibling) return endOf(sibling.items, flow, types) ?? sibling.start;
  const item = at.owner?.list[at.owner.index];
  if (item?.kind === "step") return { kind: "before", node: item.id };
  return at.owner ? spotAbove(at.owner, flow, types) : null;
}

/** The last place under an item. */
function lastSpot(item: Item, flow: FlowDocument, types: NodeTypes): Spot | null {
  const last = listsIn(item).at(-1);
  return last ? (endOf(last.items, flow, types) ?? last.start) : null;
}

function endOf(items: Item[], flow: FlowDocument, types: NodeTypes): Spot | null {
  const last = items.at(-1);
  if (!last) return null;
  if (entered(last, flow, types)) return lastSpot(last, flow, types);
  return last.kind === "step" ? spotAfter(flow, types, last.id) : null;
}

/**
 * Looks a flow over while it is written, by the server's rules and codes, and is replaced by the
 * server's word when that comes.
 *
 * What needs the expression language, a calendar or other flows is the server's alone: its word on
 * such a thing stands as long as the place it is about has not been touched.
 */

import type { Problem } from "~/api/contract";
import type { FlowDocument } from "../flow";
import { findNode } from "../flow";
import { pointerParts, pointerTo, readAt } from "../pointer";
import type { NodeTypes } from "../port";
import { Draft, type Finding } from "./draft";
import { checkFormulas } from "./formula";
import { checkCircles, checkEdges, checkLoops, checkOwnPorts } from "./graph";
import {
  checkAnswers,
  checkConnection,
  checkIds,
  checkParams,
  checkReach,
  checkTypes,
  checkWiring,
} from "./node";

/** Codes that the check decides by itself, beside the kinds of `difference.ts`. */
export const ownCodes: ReadonlySet<string> = new Set(
  `edge.node_unknown edge.into_trigger edge.error_port_off edge.after_end edge.port_unknown
  edge.self_loop edge.crosses_box edge.twice port.error_reserved port.twice loop.trigger_inside
  loop.inside_unknown loop.inside_not_loop loop.empty flow.cycle flow.no_trigger node.type_unknown
  node.id_twice node.unreachable node.merge_single node.error_port_unused node.respond_unheard
  node.connection_missing node.connection_unused webhook.respond_missing expression.empty
  expression.own_output expression.inside_loop expression.not_before expression.reads_disabled
  params.missing params.unknown params.type params.choice params.empty params.short params.long
  params.pattern params.few params.many params.low params.high params.above params.below
  params.fixed params.one_of params.at_most_one_of`.split(/\s+/),
);

/** What was found in a document, which never changes. */
const known = new WeakMap<FlowDocument, { types: NodeTypes; found: Finding[] }>();

/** Everything that the editor by itself finds wrong with a flow, in the order of the document. */
export function checkFlow(flow: FlowDocument, types: NodeTypes): Finding[] {
  const slices = checkInSlices(flow, types);
  for (;;) {
    const { done, value } = slices.next();
    if (done) return value;
  }
}

/** Finds the same in steps, between which something else may be done; who asks then has it at once. */
export function* checkInSlices(
  flow: FlowDocument,
  types: NodeTypes,
): Generator<undefined, Finding[]> {
  const last = known.get(flow);
  if (last?.types === types) return last.found;
  const draft = new Draft(flow, types);
  for (const check of wholeChecks) {
    yield;
    check(draft);
  }
  for (const placed of draft.nodes) {
    yield;
    for (const check of nodeChecks) check(draft, placed);
  }
  const found = inOrder(flow, draft.found);
  known.set(flow, { types, found });
  return found;
}

const wholeChecks = [
  checkTypes,
  checkIds,
  checkEdges,
  checkLoops,
  checkCircles,
  checkReach,
  checkWiring,
  checkAnswers,
];
const nodeChecks = [checkConnection, checkOwnPorts, checkParams, checkFormulas];

function inOrder<Found extends { path: string | null }>(
  flow: FlowDocument,
  found: Found[],
): Found[] {
  const sections = Object.keys(flow);
  const place = ({ path }: Found): [number, number] => {
    const [section = "", index = "0"] = pointerParts(path ?? "");
    return [sections.indexOf(section), Number(index) || 0];
  };
  const keyed = found.map((finding) => ({ finding, at: place(finding) }));
  keyed.sort((left, right) => left.at[0] - right.at[0] || left.at[1] - right.at[1]);
  return keyed.map(({ finding }) => finding);
}

/**
 * The problems of a flow that has changed since the server looked at it: its own findings, and the
 * server's on what stands as it did, at their present places.
 */
export function bringUpToDate(
  flow: FlowDocument,
  types: NodeTypes,
  looked: { flow: FlowDocument; problems: Problem[] },
): (Finding | Problem)[] {
  const kept = looked.problems.flatMap((problem) => {
    const path = isOwn(problem, looked.flow, types) ? null : present(flow, looked.flow, problem);
    return path === null ? [] : [{ ...problem, path }];
  });
  return inOrder(flow, [...checkFlow(flow, types), ...kept]);
}

/** Whether the check itself would find this, were it so. */
function isOwn({ code, path }: Problem, flow: FlowDocument, types: NodeTypes): boolean {
  if (!ownCodes.has(code)) return false;
  const [section, index] = pointerParts(path ?? "");
  const node = section === "nodes" ? flow.nodes[Number(index)] : undefined;
  // Of another version of its type the editor knows nothing.
  return !node || !code.startsWith("params.") || types.get(node.type)?.v === (node.v ?? 1);
}

/** Where a problem's place is now; null where it is gone or was touched. */
function present(flow: FlowDocument, looked: FlowDocument, problem: Problem): string | null {
  const path = problem.path ?? "";
  const [section, index, ...rest] = pointerParts(path);
  if (section !== "nodes" || index === undefined) {
    return readAt(flow as never, path) === readAt(looked as never, path) ? path : null;
  }
  const node = looked.nodes[Number(index)];
  const now = node && findNode(flow, node.id);
  if (!now) return null;
  const inside = pointerTo(...rest);
  if (readAt(node as never, inside) !== readAt(now as never, inside)) return null;
  return pointerTo("nodes", flow.nodes.indexOf(now), ...rest);
}

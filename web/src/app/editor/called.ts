/**
 * What chosen values are called: the name of a channel, a list or a flow, where params hold its id.
 *
 * Each is asked for once, of the account that it belongs to, and kept beside the answers of forms;
 * documents hold ids only.
 */
import { type QueryClient, queryOptions, useQueries, useQueryClient } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { useFlows } from "~/api/query.ts";
import { calledKey, offered } from "~/forms/offer.ts";
import type { FlowNode } from "~/model/flow.ts";
import { pointerParts } from "~/model/pointer.ts";
import type { NodeTypes } from "~/model/port.ts";
import type { Called } from "~/model/sentence/name.ts";

interface Chosen {
  connection: string;
  choices: string;
  value: string;
}

const signOf = ({ connection, choices, value }: Chosen) => [connection, choices, value].join(" ");

function chosenBy(nodes: readonly FlowNode[], types: NodeTypes): Chosen[] {
  const found = new Map<string, Chosen>();
  for (const { type, connection, params } of nodes) {
    if (typeof connection !== "string") continue;
    for (const [pointer, choices] of Object.entries(types.get(type)?.choices ?? {})) {
      const value = params?.[pointerParts(pointer)[0] ?? ""];
      if (typeof value !== "string" || value === "") continue;
      const chosen = { connection, choices, value };
      found.set(signOf(chosen), chosen);
    }
  }
  return [...found.values()];
}

function nameOf(queries: QueryClient, { connection, choices, value }: Chosen) {
  return queryOptions({
    queryKey: calledKey(connection, choices, value),
    queryFn: async () => {
      const fits = (it: { value: unknown }) => it.value === value;
      const listed = await queries.fetchQuery(offered(connection, choices, ""));
      const first = listed.items.find(fits);
      if (first) return first.label;
      const { items } = await queries.fetchQuery(offered(connection, choices, value));
      return items.find(fits)?.label ?? null;
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

/** The names of the values that some nodes' params hold; the same function while none is new. */
export function useCalled(nodes: readonly FlowNode[], types: NodeTypes): Called {
  const queries = useQueryClient();
  const flows = useFlows().items;
  const chosen = useMemo(() => chosenBy(nodes, types), [nodes, types]);
  const names = useQueries({
    queries: chosen.map((one) => nameOf(queries, one)),
    combine: (answers) => answers.map(({ data }) => data ?? null).join("\n"),
  });
  const kept = useRef({ sign: "", chosen });
  const sign = `${chosen.map(signOf).join("\n")}\n\n${names}`;
  if (kept.current.sign !== sign) kept.current = { sign, chosen };
  const { chosen: same } = kept.current;
  return useMemo(() => {
    const labels = names.split("\n");
    const known = new Map(same.map((one, at) => [signOf(one), labels[at] ?? ""]));
    const ofFlows = new Map(flows?.map(({ id, name }) => [id, name]));
    return (node, field, value) => {
      if (typeof value !== "string") return undefined;
      const choices = types.get(node.type)?.choices?.[`/${field}`];
      if (choices === undefined) return ofFlows.get(value);
      const { connection } = node;
      if (typeof connection !== "string") return undefined;
      return known.get(signOf({ connection, choices, value })) || undefined;
    };
  }, [names, same, flows, types]);
}

/** A node's connection, params and settings. */

import { useLingui } from "@lingui/react";
import { Trans } from "@lingui/react/macro";
import { Alert, Divider, Stack, Text } from "@mantine/core";
import { TriangleAlert } from "lucide-react";
import { memo, useMemo, useRef } from "react";
import { api } from "~/api/client.ts";
import type { Json, JsonObject } from "~/api/json.ts";
import { SchemaForm } from "~/forms/SchemaForm.tsx";
import type { FormScope } from "~/forms/scope.ts";
import { setParam } from "~/model/edit.ts";
import { type FlowNode, findNode } from "~/model/flow.ts";
import { sourceOf } from "~/model/formula.ts";
import { paramProblems, wordsAtField } from "~/model/problem.ts";
import { fieldsOf } from "~/model/schema.ts";
import { nodeTitle, type Variable } from "~/model/variable.ts";
import { ConnectionField } from "./ConnectionField.tsx";
import { useKnown } from "./data.ts";
import { NextTimes } from "./NextTimes.tsx";
import { NodeSettings } from "./NodeSettings.tsx";
import { useReach } from "./reach.ts";
import { unlessReads } from "./same.ts";
import { useSought, useVisits } from "./seek.ts";
import { useEditor, useEditorStore } from "./store.ts";

/** The data that a formula can need: only the variables whose names it holds. */
function envFor(template: Json, variables: Variable[]): JsonObject {
  const source = sourceOf(template);
  const env: JsonObject = {};
  for (const { name, value } of variables) {
    if (value !== undefined && source.includes(name)) env[name] = value;
  }
  return env;
}

function useFormScope(node: FlowNode): FormScope {
  const { i18n } = useLingui();
  const timezone = useEditor((state) => state.history.flow.timezone);
  const problems = useEditor((state) => state.problems);
  const { types, catalog, readOnly } = useKnown();
  const type = types.get(node.type);
  const language = i18n.locale;
  const { flow, variables, lost } = useReach(node.id);
  const own = useMemo(() => paramProblems(problems, node.id), [problems, node.id]);
  return useMemo(
    () => ({
      formulas: type?.kind !== "trigger",
      readOnly,
      variables,
      lost,
      filters: catalog.filters,
      problems: own,
      choices: type?.choices ?? {},
      connection: node.connection ?? null,
      ownPorts: type?.own_ports ?? null,
      types,
      inside: flow.nodes
        .filter((it) => it.inside === node.id)
        .map((it) => ({ id: it.id, title: nodeTitle(flow, types, it.id) })),
      timezone: timezone ?? "UTC",
      evaluate: (template, signal, seen = variables) =>
        api.expressions.evaluate(
          {
            template,
            env: envFor(template, seen),
            language,
            ...(typeof timezone === "string" && { timezone }),
          },
          signal,
        ),
    }),
    [
      type,
      types,
      readOnly,
      flow,
      variables,
      lost,
      catalog,
      own,
      node.id,
      node.connection,
      language,
      timezone,
    ],
  );
}

export function NodeSetup({ id }: { id: string }) {
  const node = useEditor(({ history }) => findNode(history.flow, id));
  return node ? <Setup node={node} /> : null;
}

const Setup = memo(function Setup({ node }: { node: FlowNode }) {
  const store = useEditorStore();
  const { types } = useKnown();
  const problems = useEditor((state) => state.problems);
  const scope = useFormScope(node);
  const box = useRef<HTMLDivElement>(null);
  const type = types.get(node.type);

  useSought(box, node);
  const visits = useVisits(box, node.id);

  const change = (pointer: string, value: Json | undefined) => {
    const { history, perform } = store.getState();
    perform(setParam(history.flow, types, node.id, pointer, value));
  };
  // What concerns a param, or a choice among some, is said where they stand.
  const own = problems.filter(
    ({ node: at, inside, problem }) =>
      at === node.id &&
      problem.level !== "todo" &&
      inside !== "/connection" &&
      !inside.startsWith("/params/") &&
      !problem.code.endsWith("one_of"),
  );

  return (
    <Stack gap="lg" ref={box} {...visits}>
      {type?.summary && (
        <Text size="sm" c="var(--tramo-ink-soft)">
          {type.summary}
        </Text>
      )}
      {!type && (
        <Alert color="yellow" icon={<TriangleAlert size={18} />}>
          <Trans>
            No installed connector knows “{node.type}”. The node is kept as it is and never runs.
          </Trans>
        </Alert>
      )}
      {type && !type.available && type.reason && (
        <Alert color="yellow" icon={<TriangleAlert size={18} />}>
          {type.reason}
        </Alert>
      )}
      {own.map(({ problem }) => (
        <Alert
          key={problem.code + problem.message}
          color={problem.level === "error" ? "red" : "yellow"}
          icon={<TriangleAlert size={18} />}
          data-level={problem.level}
        >
          {wordsAtField(problem)}
        </Alert>
      ))}
      {type && type.connection !== "none" && <ConnectionField node={node} type={type} />}
      {type && fieldsOf(type.params_schema, type.params_schema).length > 0 && (
        <SchemaForm
          schema={type.params_schema}
          value={node.params ?? {}}
          onChange={change}
          scope={scope}
        />
      )}
      {type?.source === "schedule" && <NextTimes node={node} />}
      <Divider />
      <NodeSettings node={node} />
    </Stack>
  );
}, unlessReads("label"));

/** What goes into a node and what comes out of it: the last run's data, or the example. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Badge, Group, Stack, Text } from "@mantine/core";
import { memo, type ReactNode } from "react";
import type { Step } from "~/api/contract.ts";
import { FIELD_MIME, useCurrentTarget } from "~/forms/formula/target.ts";
import type { FlowNode } from "~/model/flow.ts";
import { pathExpression } from "~/model/formula.ts";
import { outputOf, type Variable } from "~/model/variable.ts";
import { DataViewer } from "~/runs/data/DataViewer.tsx";
import { FailureWords } from "~/runs/FailureWords.tsx";
import { StateMark } from "~/runs/StateMark.tsx";
import { Ago } from "~/ui/Moment.tsx";
import { say } from "~/ui/toast.tsx";
import { useKnown } from "./data.ts";
import pane from "./pane.module.css";
import classes from "./panel.module.css";
import { useReach } from "./reach.ts";
import { unlessReads } from "./same.ts";
import { useEditorStore } from "./store.ts";

function useStep(node: FlowNode): Step | undefined {
  const { run } = useKnown();
  return run?.steps.findLast((step) => step.node === node.id);
}

/** What the button looks like that lists the data. */
const braces = "{ }";

interface InputDataProps {
  node: FlowNode;
  /** The form is in sight too, so that fields can be put into it. */
  beside?: boolean;
}

/** The fields of a node that change while one types, and say nothing about its data. */
const typed = ["label", "note", "params"];

export const InputData = memo(
  function InputData({ node, beside = false }: InputDataProps) {
    const { t } = useLingui();
    const { types, readOnly } = useKnown();
    const { variables } = useReach(node.id);
    const step = useStep(node);
    const before = variables.filter((it) => it.type !== null || it.name === "item");
    const takes = !readOnly && types.get(node.type)?.kind !== "trigger";
    const maps = beside && takes;
    return (
      <Stack gap="md">
        {takes && before.length > 0 && (beside ? <Hint /> : <FarHint />)}
        {step?.input !== undefined && !beside && (
          <Block title={<Trans>Its parameters in the last run</Trans>}>
            <DataViewer
              value={step.input}
              schema={types.get(node.type)?.params_schema ?? null}
              label={t`Parameters`}
            />
          </Block>
        )}
        {before.length === 0 && step?.input === undefined && (
          <Quiet>
            <Trans>Nothing comes before this node, so nothing goes in.</Trans>
          </Quiet>
        )}
        {before.map((variable) => (
          <VariableData key={variable.name} variable={variable} maps={maps} />
        ))}
      </Stack>
    );
  },
  unlessReads(...typed),
);

/** Where a click puts a field now. */
function Hint() {
  const target = useCurrentTarget();
  return (
    <p className={pane.hint}>
      {target ? (
        <Trans>
          Click a field to put it into <strong>{target.title}</strong>, or drag it.
        </Trans>
      ) : (
        <Trans>Drag a field into a parameter; or click into the parameter, then the field.</Trans>
      )}
    </p>
  );
}

/** Where the form is out of sight, a click on a field has nowhere to put it. */
function FarHint() {
  return (
    <p className={pane.hint}>
      <Trans>
        To use a field, go to Setup and press <code>{braces}</code> above the parameter it is for.
      </Trans>
    </p>
  );
}

function VariableData({ variable, maps }: { variable: Variable; maps: boolean }) {
  const { t } = useLingui();
  const target = useCurrentTarget();
  const write = (path: (string | number)[]) => pathExpression(variable.name, path);
  const pick = (path: (string | number)[]) => {
    if (target) target.insert(write(path));
    else say(t`Click into the parameter first that it is for, then on the field.`);
  };
  return (
    <Block
      title={
        <>
          {variable.label} <code>{variable.name}</code>
        </>
      }
      badge={<SourceBadge source={variable.source} />}
    >
      <DataViewer
        value={variable.value}
        schema={variable.schema}
        label={variable.label}
        writePath={write}
        {...(maps && { onPick: pick, dragType: FIELD_MIME })}
      />
    </Block>
  );
}

export const OutputData = memo(
  function OutputData({ node }: { node: FlowNode }) {
    const { t } = useLingui();
    const store = useEditorStore();
    const { types, samples, pins } = useKnown();
    const step = useStep(node);
    const write = (path: (string | number)[]) => pathExpression(node.id, path);
    // Of the flow it reads the node's type only, which stays.
    const foreseen = outputOf(store.getState().history.flow, types, node.id, { samples, pins });
    if (step) {
      return (
        <Stack gap="sm">
          <Group justify="space-between">
            <StateMark state={step.state} />
            {step.ended_at && (
              <Text size="xs" c="var(--tramo-ink-soft)">
                <Ago at={step.ended_at} />
              </Text>
            )}
          </Group>
          {step.error && (
            <Text size="sm" c="var(--tramo-bad)" role="alert">
              <FailureWords failure={step.error} />
            </Text>
          )}
          {step.output !== undefined && (
            <DataViewer
              value={step.output}
              schema={foreseen.schema}
              label={t`Output`}
              writePath={write}
            />
          )}
        </Stack>
      );
    }
    if (foreseen.value !== undefined || foreseen.schema) {
      return (
        <Block
          title={<Trans>What it gives</Trans>}
          badge={<SourceBadge source={foreseen.source} />}
        >
          <DataViewer
            value={foreseen.value}
            schema={foreseen.schema}
            label={t`Output`}
            writePath={write}
          />
        </Block>
      );
    }
    return (
      <Quiet>
        <Trans>It has not run yet. Run the flow, and its output is shown here.</Trans>
      </Quiet>
    );
  },
  unlessReads(...typed),
);

function SourceBadge({ source }: { source: Variable["source"] }) {
  if (source === "run") {
    return (
      <Badge size="sm" variant="light" color="green">
        <Trans>Last run</Trans>
      </Badge>
    );
  }
  return (
    <Badge size="sm" variant="light" color={source === "pin" ? "violet" : "gray"}>
      {source === "pin" && <Trans>Pinned</Trans>}
      {source === "example" && <Trans>Example</Trans>}
      {source === "schema" && <Trans>No data yet</Trans>}
    </Badge>
  );
}

function Quiet({ children }: { children: ReactNode }) {
  return (
    <Text size="sm" c="var(--tramo-ink-soft)" py="lg" ta="center">
      {children}
    </Text>
  );
}

interface BlockProps {
  title: ReactNode;
  badge?: ReactNode;
  children: ReactNode;
}

function Block({ title, badge, children }: BlockProps) {
  return (
    <section>
      <Group justify="space-between" mb={6} wrap="nowrap">
        <h3 className={classes.blockTitle}>{title}</h3>
        {badge}
      </Group>
      {children}
    </section>
  );
}

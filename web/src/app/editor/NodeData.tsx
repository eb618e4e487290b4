/** What goes into a node and what comes out of it: the last run's data, or the example. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Badge, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Step } from "~/api/contract.ts";
import type { FlowNode } from "~/model/flow.ts";
import { outlineOf, variablesFor } from "~/model/variable.ts";
import { DataViewer } from "~/runs/data/DataViewer.tsx";
import { StateMark } from "~/runs/StateMark.tsx";
import { Ago } from "~/ui/Moment.tsx";
import { useKnown } from "./data.ts";
import classes from "./panel.module.css";
import { useFlowDocument } from "./store.ts";

function useStep(node: FlowNode): Step | undefined {
  const { run } = useKnown();
  return run?.steps.findLast((step) => step.node === node.id);
}

export function InputTab({ node }: { node: FlowNode }) {
  const { t } = useLingui();
  const flow = useFlowDocument();
  const { types, samples } = useKnown();
  const step = useStep(node);
  const variables = variablesFor(flow, types, node.id, samples);
  return (
    <Stack gap="lg">
      {step?.input !== undefined && (
        <Block title={<Trans>Its parameters in the last run</Trans>}>
          <DataViewer value={step.input} label={t`Parameters`} />
        </Block>
      )}
      {variables.length === 0 && step?.input === undefined && (
        <Quiet>
          <Trans>Nothing comes before this node, so nothing goes in.</Trans>
        </Quiet>
      )}
      {variables.map((variable) => (
        <Block
          key={variable.name}
          title={
            <>
              {variable.label} <code>{variable.name}</code>
            </>
          }
          badge={variable.source === "example" ? <ExampleBadge /> : null}
        >
          <DataViewer value={outlineOf(variable)} label={variable.label} />
        </Block>
      ))}
    </Stack>
  );
}

export function OutputTab({ node }: { node: FlowNode }) {
  const { t } = useLingui();
  const { types } = useKnown();
  const step = useStep(node);
  const type = types.get(node.type);
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
            {step.error.message}
          </Text>
        )}
        {step.output !== undefined && <DataViewer value={step.output} label={t`Output`} />}
      </Stack>
    );
  }
  if (type?.output_example != null) {
    return (
      <Block title={<Trans>What it gives</Trans>} badge={<ExampleBadge />}>
        <DataViewer value={type.output_example} label={t`Example output`} />
      </Block>
    );
  }
  return (
    <Quiet>
      <Trans>It has not run yet. Run the flow, and its output is shown here.</Trans>
    </Quiet>
  );
}

function ExampleBadge() {
  return (
    <Badge size="sm" variant="light" color="gray">
      <Trans>Example</Trans>
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

/** Everything that a check found, each a way to the place that it is about. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { CloseButton, ScrollArea, UnstyledButton } from "@mantine/core";
import { CircleAlert, CircleCheck, PenLine, TriangleAlert } from "lucide-react";
import { useMemo } from "react";
import type { FlowDocument } from "~/model/flow.ts";
import type { NodeTypes } from "~/model/port.ts";
import { type Level, type PlacedProblem, worstFirst } from "~/model/problem.ts";
import { nodeTitle } from "~/model/variable.ts";
import { useGiveCommand } from "../command/registry.ts";
import { useKnown } from "./data.ts";
import classes from "./problems.module.css";
import { useEditor, useFlowDocument } from "./store.ts";

interface ProblemsPanelProps {
  onGo: (node: string) => void;
  /** The flow has no trigger: one is to be chosen. */
  onStart: () => void;
  onClose: () => void;
}

const icons: Record<Level, typeof PenLine> = {
  error: CircleAlert,
  warning: TriangleAlert,
  todo: PenLine,
};

/** Nodes whose title another one has too: there the title alone does not say which is meant. */
function namesakes(flow: FlowDocument, types: NodeTypes): ReadonlySet<string> {
  const owners = new Map<string, string[]>();
  for (const { id } of flow.nodes) {
    const title = nodeTitle(flow, types, id);
    owners.set(title, [...(owners.get(title) ?? []), id]);
  }
  return new Set([...owners.values()].filter((ids) => ids.length > 1).flat());
}

export function ProblemsPanel({ onGo, onStart, onClose }: ProblemsPanelProps) {
  const { t } = useLingui();
  const problems = useEditor((state) => state.problems);
  const open = useEditor((state) => state.open);
  const flow = useFlowDocument();
  const { types, readOnly } = useKnown();
  const give = useGiveCommand();
  const doubled = useMemo(() => namesakes(flow, types), [flow, types]);
  const wayTo = ({ node, inside, problem }: PlacedProblem): (() => void) | null => {
    if (node !== null) {
      return () => {
        open(node, inside);
        onGo(node);
      };
    }
    if (problem.code === "flow.no_trigger") return readOnly ? null : onStart;
    return () => give("flow.settings");
  };
  return (
    <section className={classes.panel} aria-label={t`Problems`} data-at-foot>
      <header className={classes.head}>
        <strong>
          {problems.length === 0 ? (
            <Trans>Nothing needs attention</Trans>
          ) : (
            <Plural value={problems.length} one="# problem" other="# problems" />
          )}
        </strong>
        <CloseButton size="sm" aria-label={t`Close the list of problems`} onClick={onClose} />
      </header>
      <ScrollArea.Autosize mah={220} type="auto">
        {problems.length === 0 && (
          <p className={classes.none}>
            <CircleCheck size={16} /> <Trans>This flow can be published.</Trans>
          </p>
        )}
        <ul className={classes.list}>
          {worstFirst(problems).map((placed) => {
            const { problem, node } = placed;
            const go = wayTo(placed);
            const Icon = icons[problem.level];
            return (
              <li key={`${problem.path} ${problem.code} ${problem.message}`}>
                <UnstyledButton
                  className={classes.problem}
                  data-level={problem.level}
                  disabled={go === null}
                  onClick={() => go?.()}
                >
                  <Icon size={16} />
                  <span className={classes.words}>
                    {problem.message}
                    {node !== null && doubled.has(node) && <code>{node}</code>}
                  </span>
                </UnstyledButton>
              </li>
            );
          })}
        </ul>
      </ScrollArea.Autosize>
    </section>
  );
}

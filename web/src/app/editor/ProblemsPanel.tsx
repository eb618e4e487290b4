/** Everything that a check found, each a way to the place that it is about. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { CloseButton, ScrollArea, UnstyledButton } from "@mantine/core";
import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import classes from "./problems.module.css";
import { useEditor } from "./store.ts";

interface ProblemsPanelProps {
  onGo: (node: string) => void;
  onClose: () => void;
}

export function ProblemsPanel({ onGo, onClose }: ProblemsPanelProps) {
  const { t } = useLingui();
  const problems = useEditor((state) => state.problems);
  const open = useEditor((state) => state.open);
  const errors = problems.filter((it) => it.problem.level === "error");
  const ordered = [...errors, ...problems.filter((it) => it.problem.level !== "error")];
  return (
    <section className={classes.panel} aria-label={t`Problems`}>
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
          {ordered.map(({ problem, node, inside }) => (
            <li key={`${problem.path} ${problem.code} ${problem.message}`}>
              <UnstyledButton
                className={classes.problem}
                data-level={problem.level}
                disabled={node === null}
                onClick={() => {
                  if (node === null) return;
                  open(node, inside);
                  onGo(node);
                }}
              >
                {problem.level === "error" ? (
                  <CircleAlert size={16} />
                ) : (
                  <TriangleAlert size={16} />
                )}
                <span className={classes.words}>{problem.message}</span>
              </UnstyledButton>
            </li>
          ))}
        </ul>
      </ScrollArea.Autosize>
    </section>
  );
}

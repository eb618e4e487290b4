/** One step: its number, its sentence, where it goes on, and what is wrong with it or happens to it. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { EllipsisVertical, MessageSquareText, Power } from "lucide-react";
import { memo } from "react";
import type { NodeType } from "~/api/contract.ts";
import type { FlowNode } from "~/model/flow.ts";
import { type Part, plainSentence } from "~/model/sentence/sentence.ts";
import { FailureWords } from "~/runs/FailureWords.tsx";
import { StateMark } from "~/runs/StateMark.tsx";
import { useStepState } from "~/runs/state.ts";
import { NodeIcon } from "~/ui/NodeIcon.tsx";
import type { Doors, RowProblem } from "./context.ts";
import { References } from "./References.tsx";
import { Sentence } from "./Sentence.tsx";
import classes from "./sentence.module.css";

interface StepRowProps {
  node: FlowNode;
  type: NodeType | undefined;
  number: string;
  parts: readonly Part[];
  /** Steps told elsewhere, as "id number" each. */
  jumps: string;
  after: string;
  /** The way out that the jumps leave by. */
  port: string;
  ends: boolean;
  problems: readonly RowProblem[] | undefined;
  chosen: boolean;
  current: boolean;
  runId: string | null;
  readOnly: boolean;
  doors: Doors;
}

export const StepRow = memo(function StepRow(props: StepRowProps) {
  const {
    node,
    type,
    number,
    parts,
    problems = [],
    chosen,
    current,
    runId,
    readOnly,
    doors,
  } = props;
  const { t } = useLingui();
  const sentence = plainSentence(parts);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a step is no set of fields.
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list around it has the keys of all steps.
    <div
      className={classes.row}
      role="group"
      aria-label={t`Step ${number}: ${sentence}`}
      aria-current={chosen || undefined}
      tabIndex={current ? 0 : -1}
      data-step={node.id}
      data-testid={`step-${node.id}`}
      data-chosen={chosen || undefined}
      data-disabled={node.disabled || undefined}
      onClick={(event) => {
        if ((event.target as Element).closest("button")) return;
        if (event.shiftKey) doors.choose(node.id, "through");
        else if (event.ctrlKey || event.metaKey) doors.choose(node.id, "also");
        else doors.press(node.id);
      }}
    >
      <span className={classes.number} aria-hidden>
        {number}
      </span>
      <NodeIcon type={type} size={28} />
      <div className={classes.words}>
        <Sentence
          number={number}
          parts={parts}
          onOpen={runId === null ? doors.openSlot : null}
          reached={current}
        />
        {node.disabled && (
          <span className={classes.tag}>
            <Power size={12} aria-hidden /> <Trans>switched off</Trans>
          </span>
        )}
        {node.on_error === "continue" && (
          <span className={classes.tag}>
            <Trans>goes on if it fails</Trans>
          </span>
        )}
        <References
          node={node.id}
          port={props.port}
          jumps={props.jumps}
          after={props.after}
          ends={props.ends}
          readOnly={readOnly}
          reached={current}
          doors={doors}
        />
        {node.note && (
          <p className={classes.note}>
            <MessageSquareText size={13} aria-label={t`Note`} /> {node.note}
          </p>
        )}
        {runId === null &&
          problems.map((problem) => (
            <button
              key={problem.pointer + problem.message}
              type="button"
              className={classes.problem}
              data-level={problem.level}
              tabIndex={current ? 0 : -1}
              onClick={() => doors.open(node.id, problem.pointer)}
            >
              {problem.message}
            </button>
          ))}
      </div>
      {runId !== null && <RunMark node={node.id} run={runId} />}
      {!readOnly && (
        <button
          type="button"
          className={classes.more}
          aria-label={t`What to do with step ${number}`}
          aria-haspopup="menu"
          tabIndex={current ? 0 : -1}
          onClick={(event) => doors.menu(node.id, event.currentTarget)}
        >
          <EllipsisVertical size={17} aria-hidden />
        </button>
      )}
    </div>
  );
});

/** How far a run is with a step, and how often it did it. */
function RunMark({ node, run }: { node: string; run: string }) {
  const state = useStepState(node, run);
  if (!state) return null;
  const times = Object.values(state.counts).reduce((sum, count) => sum + count, 0);
  return (
    <span className={classes.state}>
      <StateMark state={state.state} size={15} />
      {times > 1 && (
        <span className={classes.times}>
          <Plural value={times} one="# time" other="# times" />
        </span>
      )}
      {state.error && (
        <span className={classes.failure}>
          <FailureWords failure={state.error} />
        </span>
      )}
    </span>
  );
}

import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, NumberInput, Select } from "@mantine/core";
import { ChevronLeft, ChevronRight } from "lucide-react";
import type { Step, StepState } from "~/api/contract.ts";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import { FarPicker } from "./FarPicker.tsx";
import { useStepName } from "./name.ts";
import { RoundSearch } from "./RoundSearch.tsx";
import { findRound } from "./round.ts";
import classes from "./step.module.css";
import { countStates, type Level, levelsOf, type NodeSteps, stepAt } from "./step.ts";
import { useRunWords } from "./words.tsx";

/** From so many items on, a search is of more use than a look. */
const SEARCHED = 8;

interface IterationPickerProps {
  run: string;
  group: NodeSteps;
  current: Step;
  onChoose: (iteration: number[]) => void;
}

/** Walks through the items of each loop around a step, or jumps to the next step of one state. */
export function IterationPicker({ run, group, current, onChoose }: IterationPickerProps) {
  const { t } = useLingui();
  const words = useRunWords();
  const { node, steps, loops, total } = group;
  const problemText = useProblemText();
  const place = steps.indexOf(current);
  const counts = countStates(group);

  const jump = async (state: string | null) => {
    if (state === null) return;
    const later = steps.findIndex((step, index) => index > place && step.state === state);
    const near = later >= 0 ? later : steps.findIndex((step) => step.state === state);
    try {
      const next = total
        ? await findRound(run, { node, state: state as StepState }, current.iteration)
        : steps[near];
      if (next) onChoose(next.iteration);
    } catch (problem) {
      say(problemText(problem), "problem");
    }
  };

  return (
    <div className={classes.iterations}>
      {total ? (
        <FarPicker run={run} group={group} total={total} current={current} onChoose={onChoose} />
      ) : (
        levelsOf(steps, current).map((level, depth) => (
          <LevelPicker
            // biome-ignore lint/suspicious/noArrayIndexKey: a level is its depth.
            key={depth}
            loop={loops[depth]}
            level={level}
            onChoose={(index) => {
              const next = stepAt(steps, current, depth, index);
              if (next) onChoose(next.iteration);
            }}
          />
        ))
      )}
      {counts.length > 1 && (
        <Select
          size="xs"
          w={210}
          aria-label={t`Go to the next that is`}
          placeholder={t`Go to the next that is…`}
          value={null}
          data={counts.map(([state, count]) => ({
            value: state,
            label: `${words.state(state as StepState)} (${count})`,
          }))}
          onChange={(state) => void jump(state)}
        />
      )}
      {(total !== null || steps.length > SEARCHED) && (
        <RoundSearch run={run} node={node} current={current.iteration} onChoose={onChoose} />
      )}
    </div>
  );
}

interface LevelPickerProps {
  loop: NodeSteps["loops"][number] | undefined;
  level: Level;
  onChoose: (index: number) => void;
}

function LevelPicker({ loop, level, onChoose }: LevelPickerProps) {
  const { t } = useLingui();
  const { title } = useStepName(loop ?? { node: "", type: null, label: null });
  const { chosen, indices } = level;
  const place = indices.indexOf(chosen);
  const last = (indices.at(-1) ?? 0) + 1;
  const move = (distance: number) => {
    const next = indices[place + distance];
    if (next !== undefined) onChoose(next);
  };
  const type = (typed: number) => {
    const wanted = indices.find((index) => index >= typed - 1);
    if (wanted !== undefined && wanted !== chosen) onChoose(wanted);
  };
  return (
    <fieldset className={classes.level}>
      <legend className={classes.levelName}>{title}</legend>
      <ActionIcon
        variant="default"
        aria-label={t`Previous item`}
        disabled={place <= 0}
        onClick={() => move(-1)}
      >
        <ChevronLeft size={16} />
      </ActionIcon>
      <span className={classes.levelPlace}>
        <Trans>Item</Trans>
        <NumberInput
          key={chosen}
          size="xs"
          w={64}
          hideControls
          allowDecimal={false}
          min={1}
          max={last}
          aria-label={t`Item of “${title}”`}
          defaultValue={chosen + 1}
          onKeyDown={(event) => {
            if (event.key === "Enter") type(Number(event.currentTarget.value));
          }}
          onBlur={(event) => type(Number(event.currentTarget.value))}
        />
        <span role="status">
          <Trans>
            {chosen + 1} of {last}
          </Trans>
        </span>
      </span>
      <ActionIcon
        variant="default"
        aria-label={t`Next item`}
        disabled={place < 0 || place === indices.length - 1}
        onClick={() => move(1)}
      >
        <ChevronRight size={16} />
      </ActionIcon>
    </fieldset>
  );
}

import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Select } from "@mantine/core";
import { ChevronLeft, ChevronRight } from "lucide-react";
import type { Step, StepState } from "~/api/contract.ts";
import classes from "./step.module.css";
import { iterationName } from "./step.ts";
import { useRunWords } from "./words.tsx";

interface IterationPickerProps {
  steps: Step[];
  current: Step;
  onChoose: (step: Step) => void;
}

/** Walks through the iterations of a step inside a loop, or jumps to the next of one state. */
export function IterationPicker({ steps, current, onChoose }: IterationPickerProps) {
  const { t } = useLingui();
  const words = useRunWords();
  const place = steps.indexOf(current);
  const move = (distance: number) => {
    const next = steps[place + distance];
    if (next) onChoose(next);
  };
  const counts = new Map<StepState, number>();
  for (const { state } of steps) counts.set(state, (counts.get(state) ?? 0) + 1);

  const jump = (state: string | null) => {
    const later = steps.findIndex((step, index) => index > place && step.state === state);
    const next = later >= 0 ? later : steps.findIndex((step) => step.state === state);
    if (next >= 0) onChoose(steps[next] as Step);
  };

  return (
    <div className={classes.iterations}>
      <ActionIcon
        variant="default"
        aria-label={t`Previous time`}
        disabled={place === 0}
        onClick={() => move(-1)}
      >
        <ChevronLeft size={16} />
      </ActionIcon>
      <span role="status">
        <Trans>
          Item {iterationName(current.iteration)} · {place + 1} of {steps.length}
        </Trans>
      </span>
      <ActionIcon
        variant="default"
        aria-label={t`Next time`}
        disabled={place === steps.length - 1}
        onClick={() => move(1)}
      >
        <ChevronRight size={16} />
      </ActionIcon>
      {counts.size > 1 && (
        <Select
          size="xs"
          w={210}
          aria-label={t`Go to the next that is`}
          placeholder={t`Go to the next that is…`}
          value={null}
          data={[...counts].map(([state, count]) => ({
            value: state,
            label: `${words.state(state)} (${count})`,
          }))}
          onChange={jump}
        />
      )}
    </div>
  );
}

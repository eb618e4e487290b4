/** Goes through the rounds of a loop that are too many to be here: each is read when it is asked for. */
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, TextInput } from "@mantine/core";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { api } from "~/api/client.ts";
import type { Step, StepTotal } from "~/api/contract.ts";
import { useFormat } from "~/ui/format.ts";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import { useStepName } from "./name.ts";
import classes from "./step.module.css";
import { iterationName, type NodeSteps, pathOf, readIteration } from "./step.ts";

interface FarPickerProps {
  run: string;
  group: NodeSteps;
  total: StepTotal;
  current: Step;
  onChoose: (iteration: number[]) => void;
}

export function FarPicker({ run, group, total, current, onChoose }: FarPickerProps) {
  const { t } = useLingui();
  const format = useFormat();
  const problemText = useProblemText();
  const { node } = group;
  const { title } = useStepName(group.loops.at(-1) ?? group);
  const { iteration } = current;
  const name = iterationName(iteration);
  const first = iteration.every((index) => index === 0);

  const read = async (query: { iteration_prefix: string } | { after: string }) => {
    try {
      const { items } = await api.runs.steps(run, { node, ...query, limit: 1 });
      const [found] = items;
      if (found) onChoose(found.iteration);
      else say(t`There is no such item.`);
    } catch (problem) {
      say(problemText(problem), "problem");
    }
  };
  const back = () => {
    const path = iteration.slice(0, iteration.findLastIndex((index) => index > 0) + 1);
    const before = path.map((index, place) => (place === path.length - 1 ? index - 1 : index));
    void read({ iteration_prefix: pathOf(before) });
  };
  const jump = (typed: string) => {
    const wanted = readIteration(typed);
    if (wanted === null) say(t`Write the number of an item, such as ${name}.`);
    else if (pathOf(wanted) !== pathOf(iteration)) void read({ iteration_prefix: pathOf(wanted) });
  };
  return (
    <fieldset className={classes.level}>
      <legend className={classes.levelName}>{title}</legend>
      <ActionIcon variant="default" aria-label={t`Previous item`} disabled={first} onClick={back}>
        <ChevronLeft size={16} />
      </ActionIcon>
      <span className={classes.levelPlace}>
        <Trans>Item</Trans>
        <TextInput
          key={name}
          size="xs"
          w={84}
          inputMode="decimal"
          aria-label={t`Item of “${title}”`}
          defaultValue={name}
          onKeyDown={(event) => {
            if (event.key === "Enter") jump(event.currentTarget.value);
          }}
        />
        <span role="status">
          {iteration.length === 1 ? (
            <Trans>of {format.number((total.last[0] ?? 0) + 1)}</Trans>
          ) : (
            <Trans>the last is {iterationName(total.last)}</Trans>
          )}
        </span>
      </span>
      <ActionIcon
        variant="default"
        aria-label={t`Next item`}
        disabled={pathOf(iteration) === pathOf(total.last)}
        onClick={() => void read({ after: pathOf(iteration) })}
      >
        <ChevronRight size={16} />
      </ActionIcon>
    </fieldset>
  );
}

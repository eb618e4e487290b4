import { useLingui } from "@lingui/react/macro";
import { TextInput } from "@mantine/core";
import { Search } from "lucide-react";
import { useState } from "react";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import { findRound } from "./round.ts";

interface RoundSearchProps {
  run: string;
  node: string;
  current: number[];
  onChoose: (iteration: number[]) => void;
}

/** Finds the next round with a text in what went in, came out or went wrong; Enter goes on. */
export function RoundSearch({ run, node, current, onChoose }: RoundSearchProps) {
  const { t } = useLingui();
  const problemText = useProblemText();
  const [typed, setTyped] = useState("");
  const seek = async () => {
    const text = typed.trim();
    if (text === "") return;
    try {
      const found = await findRound(run, { node, text }, current);
      if (found) onChoose(found.iteration);
      else say(t`No item holds “${text}”.`);
    } catch (problem) {
      say(problemText(problem), "problem");
    }
  };
  return (
    <TextInput
      type="search"
      size="xs"
      w={190}
      aria-label={t`Search the items`}
      placeholder={t`Search, then Enter`}
      leftSection={<Search size={13} />}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") void seek();
      }}
    />
  );
}

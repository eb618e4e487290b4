/** What becomes of the run that is looked at, said to those who cannot see its colours. */
import { useLingui } from "@lingui/react/macro";
import { useEffect } from "react";
import type { RunState } from "~/api/contract.ts";
import { announce } from "~/ui/announce.tsx";
import { useRunWords } from "./words.tsx";

/** Says the state of a run when it comes into sight, and each time that it changes. */
export function useRunNews(state: RunState): void {
  const { t } = useLingui();
  const words = useRunWords();
  const title = words.state(state);
  useEffect(() => announce(t`Run: ${title}`), [title, t]);
}

/** Starts trials of the draft; what would act outside is shown and confirmed before it happens. */
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, Suspense, useState } from "react";
import { api } from "~/api/client.ts";
import { isProblem } from "~/api/problem.ts";
import { keys } from "~/api/query.ts";
import type { Doings, NewRun } from "~/api/trial.ts";
import { later } from "~/ui/later.ts";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import { navigate } from "../../router.tsx";
import { useAfterSave } from "../save.ts";
import { useEditor, useEditorStore } from "../store.ts";
import type { Asked } from "./OutsideDialog.tsx";

const OutsideDialog = later(async () => ({
  default: (await import("./OutsideDialog.tsx")).OutsideDialog,
}));

/** What a refusal says would be done, if it is one that waits for a confirmation. */
export function doingsIn(error: unknown): Doings | null {
  if (!isProblem(error, "trial.confirm")) return null;
  return error.params as unknown as Doings;
}

/** The run, and in it the node that was tried: what it gave is what was asked. */
function seen(run: string, { part }: NewRun): URLSearchParams {
  const node = part?.only ?? part?.until;
  return new URLSearchParams({ run, ...(node && { node }) });
}

export interface Starter {
  busy: boolean;
  start: (content: NewRun) => void;
  /** The dialog that asks, to be drawn somewhere. */
  dialog: ReactNode;
}

/** Saves the draft, starts a trial, and goes to its run; asks first where it acts outside. */
export function useStarter(onRefused?: (error: unknown) => void): Starter {
  const flow = useEditor((state) => state.history.flow.id);
  const store = useEditorStore();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [wanted] = useState<{ content: NewRun }>({ content: {} });
  const [asked, setAsked] = useState<Asked | null>(null);
  const [started, setStarted] = useState(false);
  const [busy, run] = useAfterSave(async () => {
    const { content } = wanted;
    try {
      const made = await api.flows.run(flow, { confirm: "", ...content });
      if (made.run === null) return setAsked({ content, doings: made });
      setAsked(null);
      void queries.invalidateQueries({ queryKey: keys.runs });
      navigate(`/flows/${flow}?${seen(made.run, content)}`);
    } catch (error) {
      const doings = doingsIn(error);
      if (doings) return setAsked({ content, doings });
      setAsked(null);
      if (onRefused) onRefused(error);
      else say(problemText(error), "problem");
    }
  });
  const start = (content: NewRun) => {
    // A part may be tried while the rest is not there yet.
    if (!content.part) store.getState().demand();
    // The dialog is fetched while the server is asked whether there is anything to confirm.
    setStarted(true);
    wanted.content = content;
    void run();
  };
  const dialog = started && (
    <Suspense>
      <OutsideDialog asked={asked} busy={busy} onStart={start} onClose={() => setAsked(null)} />
    </Suspense>
  );
  return { busy, start, dialog };
}

/** What was just done to a flow, in a sentence for those who cannot see it. */
import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import { plainSentence } from "~/model/sentence/sentence.ts";
import { useEditor } from "../store.ts";
import type { Told } from "./told.ts";

export function useNews(told: Told): string {
  const { t, i18n } = useLingui();
  const history = useEditor((state) => state.history);
  const before = useRef({ history, told });
  const [news, setNews] = useState("");
  useEffect(() => {
    const old = before.current;
    before.current = { history, told };
    if (old.history.flow === history.flow) return;
    const done = history.done.at(-1);
    const undone = history.undone.at(-1);
    if (history.undone.length > old.history.undone.length && undone) {
      const what = i18n._(undone.label);
      setNews(t`Undone: ${what}`);
      return;
    }
    // What is typed into a field is heard there.
    if (!done || done.merge !== undefined) return;
    const steps = told.outline.steps;
    const fresh = [...steps.values()].find((step) => !old.told.outline.steps.has(step.id));
    const gone = [...old.told.outline.steps.values()].find((step) => !steps.has(step.id));
    const moved = [...steps.values()].find(
      (step) => old.told.outline.steps.get(step.id)?.number !== step.number,
    );
    const label = i18n._(done.label);
    if (fresh) {
      const node = told.names.node(fresh.id);
      const { number } = fresh;
      const sentence = node ? plainSentence(told.sentence(node)) : "";
      setNews(t`Step ${number} added: ${sentence}`);
    } else if (gone) {
      const { number } = gone;
      setNews(t`Step ${number} deleted.`);
    } else if (done.id === "node.move" && moved) {
      const { number } = moved;
      setNews(t`Moved: it is step ${number} now.`);
    } else setNews(t`Done: ${label}`);
  }, [history, told, t, i18n]);
  return news;
}

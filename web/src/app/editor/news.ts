/** What has just become of the flow, said to those who cannot see the canvas. */
import { i18n } from "@lingui/core";
import { plural, t } from "@lingui/core/macro";
import { useEffect } from "react";
import { nodeTitle } from "~/model/variable.ts";
import { announce } from "~/ui/announce.tsx";
import { useKnown } from "./data.ts";
import { type EditorState, useEditorStore } from "./store.ts";

/** Problems come and go while somebody types: their number is said when it has stayed so long. */
const rest_ms = 1_500;

/** Says what is added, deleted, undone and redone on the canvas, and how many problems are left. */
export function useEditorNews(): void {
  const store = useEditorStore();
  const { types } = useKnown();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let told = store.getState().problems.length;
    const tell = () => {
      const count = store.getState().problems.length;
      if (count === told) return;
      told = count;
      announce(
        count === 0
          ? t`Nothing needs attention`
          : plural(count, { one: "# problem", other: "# problems" }),
      );
    };
    const changed = ({ history }: EditorState, before: EditorState["history"]): string | null => {
      const undone = history.undone.length - before.undone.length;
      const [back, on] = [history.undone.at(-1), history.done.at(-1)];
      if (undone > 0 && back) return `${t`Undone`}: ${i18n._(back.label)}`;
      if (undone < 0 && on === before.undone.at(-1) && on)
        return `${t`Redone`}: ${i18n._(on.label)}`;
      const old = new Set(before.flow.nodes.map((node) => node.id));
      const now = new Set(history.flow.nodes.map((node) => node.id));
      const gone = [...old].filter((id) => !now.has(id));
      const fresh = [...now].filter((id) => !old.has(id));
      const count = gone.length || fresh.length;
      if (gone.length > 0)
        return plural(count, { one: "# node deleted", other: "# nodes deleted" });
      const [first] = fresh;
      if (first === undefined) return null;
      const title = nodeTitle(history.flow, types, first);
      return count === 1
        ? t`Added: ${title}`
        : plural(count, { one: "# node added", other: "# nodes added" });
    };
    const stop = store.subscribe((state, before) => {
      if (state.problems.length !== before.problems.length) {
        clearTimeout(timer);
        timer = setTimeout(tell, rest_ms);
      }
      // Sentences tell their own news, each step by its number.
      if (state.look === "sentences" || state.history.flow === before.history.flow) return;
      const said = changed(state, before.history);
      if (said !== null) announce(said);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [store, types]);
}

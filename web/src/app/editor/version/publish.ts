/** From the button to a flow that is live: saves, asks where there is something to ask, publishes. */
import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "~/api/client.ts";
import type { Published } from "~/api/contract.ts";
import { isProblem } from "~/api/problem.ts";
import { keys } from "~/api/query.ts";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import { saveNow } from "../save.ts";
import { useEditorStore } from "../store.ts";
import type { PublishWish } from "./PublishDialog.tsx";
import { settleAll, useSettledText } from "./settle.ts";
import type { Source } from "./source.ts";

interface Publishing {
  live: Source | null;
  onPublished: (published: Published) => void;
  /** The draft cannot go live: what stands in its way is to be listed. */
  onProblems: () => void;
}

export function usePublish({ live, onPublished, onProblems }: Publishing) {
  const { t } = useLingui();
  const store = useEditorStore();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const settledText = useSettledText();
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);

  const publish = async (wish: PublishWish = {}) => {
    const { saved, etag } = store.getState();
    try {
      const published = await api.flows.publish(saved.id, etag, wish);
      setAsking(false);
      onPublished(published);
      const told = [t`Published. The flow is live.`];
      if (published.waiting && (wish.waiting === "move" || wish.waiting === "cancel")) {
        const settled = await settleAll(saved.id, wish.waiting, published.waiting);
        told.push(settledText(wish.waiting, settled));
      }
      // How many active flows use an account is told beside it.
      void queries.invalidateQueries({ queryKey: keys.connections });
      await queries.invalidateQueries({ queryKey: keys.flows });
      if (live !== null || published.addresses.length === 0) say(told.join(" "));
    } catch (error) {
      if (isProblem(error, "flow.problems")) {
        setAsking(false);
        store.getState().didSave(saved, etag, error.problems);
        onProblems();
      }
      say(problemText(error), "problem");
    }
  };
  const saved = (act: () => Promise<void> | void) => async () => {
    setBusy(true);
    try {
      if (await saveNow(store)) await act();
    } finally {
      setBusy(false);
    }
  };
  return {
    busy,
    asking,
    close: () => setAsking(false),
    /** The first time nothing changes for anybody: there is nothing to ask. */
    ask: saved(() => {
      store.getState().demand();
      const { problems } = store.getState();
      const refused = problems.some(({ problem }) => problem.level === "error");
      if (live === null || refused) return publish();
      setAsking(true);
    }),
    publish: (wish: PublishWish) => void saved(() => publish(wish))(),
  };
}

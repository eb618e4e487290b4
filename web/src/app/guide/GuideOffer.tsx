/** On the demo shop's first page: the way into the guide, or back into it. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Sparkles } from "lucide-react";
import { api } from "~/api/client.ts";
import type { FlowSummary } from "~/api/contract.ts";
import { keys } from "~/api/query.ts";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import { navigate } from "../router.tsx";
import classes from "./guide.module.css";
import { setGuide, useGuide } from "./guide.ts";

export function GuideOffer({ flows }: { flows: readonly FlowSummary[] }) {
  const { t } = useLingui();
  const guide = useGuide();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const begun = guide.flow !== null && flows.some((flow) => flow.id === guide.flow);
  const begin = useMutation({
    mutationFn: async () => {
      if (begun && guide.flow !== null) return guide.flow;
      const flow = await api.flows.create({ name: t`My first flow` });
      await queries.invalidateQueries({ queryKey: keys.flows, exact: true });
      return flow.id;
    },
    onSuccess(flow) {
      setGuide({ flow, over: false });
      navigate(`/flows/${flow}`);
    },
    onError: (error) => say(problemText(error), "problem"),
  });
  if (guide.over) return null;
  return (
    <section className={classes.offer} aria-label={t`First steps`}>
      <Sparkles size={22} aria-hidden />
      <div>
        <h2>
          <Trans>Build your first flow in two minutes</Trans>
        </h2>
        <p>
          <Trans>
            The demo shop tells a chat about each new order. You are shown every step, and see it
            run.
          </Trans>
        </p>
      </div>
      <span className={classes.buttons}>
        <Button size="sm" loading={begin.isPending} onClick={() => begin.mutate()}>
          {begun ? <Trans>Go on</Trans> : <Trans>Show me</Trans>}
        </Button>
        <Button
          size="sm"
          variant="subtle"
          color="gray"
          onClick={() => setGuide({ ...guide, over: true })}
        >
          <Trans>No, thanks</Trans>
        </Button>
      </span>
    </section>
  );
}

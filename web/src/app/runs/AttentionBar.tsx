/** What waits for a person, said above the runs: doubts and questions, each a way to its desk. */
import { Plural, useLingui } from "@lingui/react/macro";
import { CircleHelp, MessageCircleQuestion } from "lucide-react";
import { useApprovals, useRunCounts } from "~/api/query.ts";
import { Link } from "../router.tsx";
import classes from "./runs.module.css";

export function AttentionBar() {
  const { t } = useLingui();
  const doubts = useRunCounts({ state: ["asking"] }).data?.counts.asking ?? 0;
  const approvals = useApprovals();
  const questions = approvals.items?.length ?? 0;
  if (doubts + questions === 0) return null;
  return (
    <nav className={classes.attention} aria-label={t`What waits for you`}>
      {doubts > 0 && (
        <Link to="/inbox/doubts">
          <CircleHelp size={17} aria-hidden />
          <Plural
            value={doubts}
            one="# run asks whether something happened"
            other="# runs ask whether something happened"
          />
        </Link>
      )}
      {questions > 0 && (
        <Link to="/inbox/approvals">
          <MessageCircleQuestion size={17} aria-hidden />
          <Plural
            value={questions}
            one="# question waits for an answer"
            other="# questions wait for an answer"
          />
        </Link>
      )}
    </nav>
  );
}

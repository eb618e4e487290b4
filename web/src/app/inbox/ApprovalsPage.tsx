/** The questions that flows ask people and wait for, the oldest first. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { MessageCircleQuestion } from "lucide-react";
import type { Approval } from "~/api/desk.ts";
import { useApprovals } from "~/api/query.ts";
import { LineNotice } from "~/runs/LineNotice.tsx";
import { useLive } from "~/runs/live.ts";
import { portLabel } from "~/runs/port.ts";
import { ReplyForm } from "~/runs/ReplyForm.tsx";
import { iterationName } from "~/runs/step.ts";
import { useFormat } from "~/ui/format.ts";
import { Ago } from "~/ui/Moment.tsx";
import { Empty, Failure, LoadingRows } from "~/ui/Notice.tsx";
import { useSettling } from "~/ui/settle.ts";
import { Link } from "../router.tsx";
import { InboxFrame } from "./InboxFrame.tsx";
import classes from "./inbox.module.css";

export default function ApprovalsPage() {
  const { t } = useLingui();
  const approvals = useApprovals();
  const status = useLive();
  const items = approvals.items;
  const settling = useSettling(items?.map(nameOf) ?? []);
  return (
    <InboxFrame
      title={t`Questions`}
      lead={<Trans>Flows that wait for somebody's answer. Nobody answers in your place.</Trans>}
    >
      <LineNotice status={status} />
      {approvals.isPending && <LoadingRows rows={3} height={150} />}
      {approvals.error && !items && (
        <Failure error={approvals.error} onRetry={() => void approvals.refetch()} />
      )}
      {items?.length === 0 && (
        <Empty
          icon={<MessageCircleQuestion size={26} />}
          title={<Trans>Nobody is asked anything</Trans>}
        >
          <Trans>
            A question appears here when a flow comes to an approval, to a wait for an answer, or is
            about to change more than usual.
          </Trans>
        </Empty>
      )}
      {items && items.length > 0 && (
        <ul className={classes.cards} aria-label={t`Open questions`} {...settling}>
          {items.map((approval) => (
            <ApprovalCard key={nameOf(approval)} approval={approval} />
          ))}
        </ul>
      )}
      {approvals.hasNextPage && (
        <Button
          mt="md"
          variant="default"
          loading={approvals.isFetchingNextPage}
          onClick={() => void approvals.fetchNextPage()}
        >
          <Trans>Show more questions</Trans>
        </Button>
      )}
    </InboxFrame>
  );
}

const nameOf = ({ run, node, iteration }: Approval) => `${run} ${node} ${iteration.join(".")}`;

function ApprovalCard({ approval }: { approval: Approval }) {
  const { i18n } = useLingui();
  const format = useFormat();
  const { run, flow_name, node, node_title, iteration, kind, due_at } = approval;
  const otherwise = approval.default === null ? null : portLabel(kind, approval.default);
  const fallback =
    typeof otherwise === "string" || otherwise === null ? otherwise : i18n._(otherwise);
  return (
    <li className={classes.card}>
      <ReplyForm
        run={run}
        node={node}
        iteration={iteration}
        ask={approval}
        title={node_title}
        mayAnswer={approval.may_answer}
      />
      <div className={classes.where}>
        <span>
          <Link to={`/runs/${run}`}>{flow_name}</Link>
          {iteration.length > 0 && (
            <>
              {" · "}
              <Trans>Item {iterationName(iteration)}</Trans>
            </>
          )}
        </span>
        <span>
          <Trans>Asked</Trans> <Ago at={approval.opened_at} />
        </span>
        {due_at !== null && (
          <span>
            {fallback !== null && approval.default !== "late" ? (
              <Trans>
                Without an answer until {format.moment(due_at)}, it goes on by “{fallback}”
              </Trans>
            ) : (
              <Trans>Time to answer: until {format.moment(due_at)}</Trans>
            )}
          </span>
        )}
        {approval.to.length > 0 && (
          <span>
            <Trans>Asked are {approval.to.join(", ")}</Trans>
          </span>
        )}
      </div>
    </li>
  );
}

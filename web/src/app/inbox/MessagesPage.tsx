/** The messages that bring questions and alerts to people, and the connections they go by. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, MultiSelect, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Mails, Send } from "lucide-react";
import { useState } from "react";
import { api } from "~/api/client.ts";
import type { Notice, NoticeState } from "~/api/desk.ts";
import { keys, useNotices, useNoticeWay } from "~/api/query.ts";
import { Ago } from "~/ui/Moment.tsx";
import { Empty, Failure, LoadingRows } from "~/ui/Notice.tsx";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import { Link } from "../router.tsx";
import { useCanEdit } from "../session/session.ts";
import { InboxFrame } from "./InboxFrame.tsx";
import classes from "./inbox.module.css";

export default function MessagesPage() {
  const { t } = useLingui();
  const notices = useNotices();
  const canEdit = useCanEdit();
  const items = notices.items;
  return (
    <InboxFrame
      title={t`Messages`}
      lead={
        <Trans>What Tramo wrote to people about questions and alerts, and how it gets there.</Trans>
      }
    >
      <WaySetting canEdit={canEdit} />
      <h2 className={classes.section}>
        <Trans>Written lately</Trans>
      </h2>
      {notices.isPending && <LoadingRows />}
      {notices.error && !items && (
        <Failure error={notices.error} onRetry={() => void notices.refetch()} />
      )}
      {items?.length === 0 && (
        <Empty icon={<Mails size={26} />} title={<Trans>No message yet</Trans>}>
          <Trans>Whoever is asked by a flow, or should hear of a failure, gets one.</Trans>
        </Empty>
      )}
      {items && items.length > 0 && (
        <ul className={classes.list} aria-label={t`Messages`}>
          {items.map((notice) => (
            <NoticeRow key={notice.id} notice={notice} canEdit={canEdit} />
          ))}
        </ul>
      )}
      {notices.hasNextPage && (
        <Button
          mt="md"
          variant="default"
          loading={notices.isFetchingNextPage}
          onClick={() => void notices.fetchNextPage()}
        >
          <Trans>Show older messages</Trans>
        </Button>
      )}
    </InboxFrame>
  );
}

function WaySetting({ canEdit }: { canEdit: boolean }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const way = useNoticeWay();
  const problemText = useProblemText();
  const [busy, setBusy] = useState(false);
  if (way.error && !way.data) {
    return <Failure error={way.error} onRetry={() => void way.refetch()} />;
  }
  if (!way.data) return <LoadingRows rows={1} height={110} />;
  const { chosen, used, connections } = way.data;
  const nameOf = (id: string) => connections.find((it) => it.id === id)?.name ?? id;

  const choose = async (wanted: string[]) => {
    setBusy(true);
    try {
      queries.setQueryData(keys.noticeWay, await api.notices.choose(wanted));
      say(t`Saved.`);
    } catch (problem) {
      say(problemText(problem), "problem");
    } finally {
      setBusy(false);
    }
  };

  return (
    <section className={classes.card} aria-label={t`The way of messages`}>
      {connections.length === 0 ? (
        <>
          <Text>
            <Trans>
              No connection can bring messages yet. Without one, questions and alerts are only shown
              here.
            </Trans>
          </Text>
          <p className={classes.where}>
            <Link to="/connections">
              <Trans>Connect a mailbox or a chat</Trans>
            </Link>
          </p>
        </>
      ) : (
        <>
          <MultiSelect
            label={t`Messages go by`}
            description={t`Choose a mailbox, a chat, or both. With none chosen, the only mailbox is used.`}
            placeholder={chosen.length === 0 ? t`Choose a connection` : ""}
            maxValues={5}
            disabled={!canEdit || busy}
            clearable
            searchable
            data={connections.map(({ id, name }) => ({ value: id, label: name }))}
            value={chosen}
            onChange={(wanted) => void choose(wanted)}
          />
          <p className={classes.soft} role="status">
            {used.length > 0 ? (
              <Trans>Now used: {used.map(nameOf).join(", ")}</Trans>
            ) : (
              <Trans>Now none is used: questions and alerts are only shown here.</Trans>
            )}
          </p>
        </>
      )}
    </section>
  );
}

function NoticeRow({ notice, canEdit }: { notice: Notice; canEdit: boolean }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const words: Record<NoticeState, string> = {
    waiting: notice.problem ? t`Not arrived yet` : t`On its way`,
    sent: t`Sent`,
    given_up: t`Given up`,
    withdrawn: t`No longer needed`,
  };
  const send = async () => {
    try {
      await api.notices.send(notice.id);
      say(t`It is being sent.`);
    } catch (problem) {
      say(problemText(problem), "problem");
    }
    await queries.invalidateQueries({ queryKey: keys.notices });
  };
  const late = notice.state === "given_up" || (notice.state === "waiting" && notice.problem);
  return (
    <li className={classes.row} data-new={late ? true : undefined}>
      <Mails size={17} aria-hidden />
      <div>
        <p className={classes.name}>{notice.subject}</p>
        <p className={classes.where}>
          <span>
            <Trans>To {notice.to}</Trans>
          </span>
          <span>{words[notice.state]}</span>
          <Ago at={notice.sent_at ?? notice.created_at} />
          {notice.run !== null && (
            <Link to={`/runs/${notice.run}`}>
              <Trans>Open the run</Trans>
            </Link>
          )}
        </p>
        {notice.problem && <p className={classes.soft}>{notice.problem.message}</p>}
      </div>
      {canEdit && late ? (
        <Button
          size="xs"
          variant="default"
          leftSection={<Send size={14} />}
          aria-label={t`Send again: ${notice.subject}`}
          onClick={() => void send()}
        >
          <Trans>Send again</Trans>
        </Button>
      ) : (
        <span />
      )}
    </li>
  );
}

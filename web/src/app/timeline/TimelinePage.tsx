/** Everything that touched an order, a customer or a SKU, and the way to stop or hurry it. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { CalendarSearch, FastForward, History, Square } from "lucide-react";
import { useState } from "react";
import { api } from "~/api/client.ts";
import type { TimelineEntry } from "~/api/desk.ts";
import { keys, useTimeline } from "~/api/query.ts";
import { LineNotice } from "~/runs/LineNotice.tsx";
import { useLive } from "~/runs/live.ts";
import { useRunWords } from "~/runs/words.tsx";
import { Confirm } from "~/ui/Confirm.tsx";
import { Empty, Failure, LoadingRows } from "~/ui/Notice.tsx";
import { say } from "~/ui/toast.tsx";
import { navigate, useSearch } from "../router.tsx";
import { useCanEdit } from "../session/session.ts";
import { PageFrame } from "../shell/PageFrame.tsx";
import { EntryList } from "./EntryList.tsx";
import { KeySearch } from "./KeySearch.tsx";
import classes from "./timeline.module.css";

export default function TimelinePage() {
  const { t } = useLingui();
  const words = useRunWords();
  const search = useSearch();
  const kind = search.get("kind") ?? "";
  const value = search.get("value") ?? "";
  const asked = kind !== "" && value !== "";
  return (
    <PageFrame
      title={asked ? `${words.keyKind(kind)} ${value}` : t`Timeline`}
      lead={
        <Trans>Every run, step, message and wait that touched an order, customer or SKU.</Trans>
      }
    >
      <KeySearch
        key={`${kind} ${value}`}
        kind={kind}
        value={value}
        onSearch={(key) => navigate(`/timeline?${new URLSearchParams({ ...key })}`)}
      />
      {asked ? (
        <KeyTimeline kind={kind} value={value} />
      ) : (
        <Empty
          icon={<CalendarSearch size={26} />}
          title={<Trans>Which order, customer or SKU?</Trans>}
        >
          <Trans>
            Type its number or e-mail above. The keys at the top of a run lead here, too.
          </Trans>
        </Empty>
      )}
    </PageFrame>
  );
}

/** Runs that have begun and not ended in what is shown. */
function openRuns(entries: readonly TimelineEntry[]): number {
  const open = new Set<string>();
  for (const entry of entries) {
    if (entry.what === "began" && entry.item.ended_at === null) open.add(entry.run);
  }
  return open.size;
}

function KeyTimeline({ kind, value }: { kind: string; value: string }) {
  const timeline = useTimeline(kind, value);
  const status = useLive();
  const canEdit = useCanEdit();
  if (timeline.isPending) return <LoadingRows rows={6} height={44} />;
  if (timeline.error && !timeline.items) {
    return <Failure error={timeline.error} onRetry={() => void timeline.refetch()} />;
  }
  const entries = (timeline.items ?? []).toSorted((left, right) => left.at.localeCompare(right.at));
  if (entries.length === 0) {
    return (
      <Empty icon={<History size={26} />} title={<Trans>Nothing has touched it</Trans>}>
        <Trans>No run and no event knows this key. Look whether it is written exactly so.</Trans>
      </Empty>
    );
  }
  return (
    <>
      <LineNotice status={status} />
      {canEdit && openRuns(entries) > 0 && <OpenActions kind={kind} value={value} />}
      {timeline.hasNextPage && (
        <Button
          mb="md"
          variant="default"
          loading={timeline.isFetchingNextPage}
          onClick={() => void timeline.fetchNextPage()}
        >
          <Trans>Show what was before</Trans>
        </Button>
      )}
      <EntryList entries={entries} />
    </>
  );
}

function OpenActions({ kind, value }: { kind: string; value: string }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const [asked, setAsked] = useState<"stop" | "hurry" | null>(null);
  const tell = async (sentence: string, refused: { message: string }[]) => {
    await queries.invalidateQueries({ queryKey: keys.runs });
    say(sentence);
    const [first] = refused;
    if (first) say(t`Not for all: ${first.message}`, "problem");
  };
  const stop = async () => {
    const { stopped, refused } = await api.timeline.stop(kind, value);
    await tell(t`Runs that are being stopped: ${stopped.length}.`, refused);
  };
  const hurry = async () => {
    const { hurried, refused } = await api.timeline.hurry(kind, value);
    await tell(t`Waits that were ended: ${hurried.length}.`, refused);
  };
  return (
    <Group gap={8} mb="md">
      <Button
        variant="default"
        leftSection={<FastForward size={16} />}
        onClick={() => setAsked("hurry")}
      >
        <Trans>Wait no longer</Trans>
      </Button>
      <Button variant="default" leftSection={<Square size={15} />} onClick={() => setAsked("stop")}>
        <Trans>Stop everything</Trans>
      </Button>
      <Confirm
        opened={asked === "stop"}
        onClose={() => setAsked(null)}
        onConfirm={stop}
        dangerous
        title={<Trans>Stop everything that goes on for it?</Trans>}
        action={<Trans>Stop everything</Trans>}
      >
        <Trans>
          What is under way ends first, then nothing more starts. Steps already done are not undone.
        </Trans>
      </Confirm>
      <Confirm
        opened={asked === "hurry"}
        onClose={() => setAsked(null)}
        onConfirm={hurry}
        title={<Trans>End all waits for it?</Trans>}
        action={<Trans>Wait no longer</Trans>}
      >
        <Trans>
          Steps that wait for a time go on at once, with all that follows them. Questions to people
          stay open.
        </Trans>
      </Confirm>
      <span className={classes.soft}>
        <Trans>Runs are still going on for it.</Trans>
      </span>
    </Group>
  );
}

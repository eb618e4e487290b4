/** What a person can do with a run: stop it, let it go on, or let it have another try. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Menu } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import {
  ChevronDown,
  CopyPlus,
  Play,
  RotateCcw,
  SkipForward,
  Square,
  SquarePen,
  Tag,
} from "lucide-react";
import { Suspense, useState } from "react";
import { api } from "~/api/client.ts";
import type { Run, RunState } from "~/api/contract.ts";
import type { Rerun } from "~/api/desk.ts";
import { keys, useVersions } from "~/api/query.ts";
import { navigate } from "~/app/router.tsx";
import { Confirm } from "~/ui/Confirm.tsx";
import { later } from "~/ui/later.ts";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import classes from "./view.module.css";
import { isOver } from "./words.tsx";

const ChangeDialog = later(async () => ({
  default: (await import("~/app/runs/ChangeDialog.tsx")).ChangeDialog,
}));

interface RunActionsProps {
  run: Run;
  state: RunState;
}

/**
 * Lets a run go on from where it failed, in one step; the newcomer's way out.
 *
 * Whoever has mended the flow and published it means that version, which comes first then.
 */
export function RetryButton({ run, to }: { run: Run; to?: (run: string) => string }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [busy, setBusy] = useState(false);
  const live = useVersions(run.flow).items?.find((it) => it.live);
  const mended = live !== undefined && live.version !== run.version && !run.by_hand;
  const retry = async (how: Rerun) => {
    setBusy(true);
    try {
      const next = await api.runs.rerun(run.id, how);
      void queries.invalidateQueries({ queryKey: keys.runs });
      say(t`Another try has begun.`);
      navigate(to ? to(next.id) : `/runs/${next.id}`);
    } catch (problem) {
      say(problemText(problem), "problem");
    } finally {
      setBusy(false);
    }
  };
  return (
    <Group gap="xs">
      {mended && (
        <Button
          loading={busy}
          leftSection={<SkipForward size={15} />}
          onClick={() => void retry({ from: "failed", version: "newest" })}
        >
          <Trans>Try again with the flow as it is now</Trans>
        </Button>
      )}
      <Button
        loading={busy}
        variant={mended ? "default" : "filled"}
        leftSection={!mended && <SkipForward size={15} />}
        onClick={() => void retry({ from: "failed" })}
      >
        <Trans>Try again from here</Trans>
      </Button>
    </Group>
  );
}

export function RunActions({ run, state }: RunActionsProps) {
  if (isOver(state)) return <RerunMenu run={run} state={state} />;
  return (
    <>
      {state === "quarantined" && <ReleaseButton run={run} />}
      <StopButton run={run} />
    </>
  );
}

function StopButton({ run }: { run: Run }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const [asked, setAsked] = useState(false);
  const stop = async () => {
    await api.runs.cancel(run.id);
    await queries.invalidateQueries({ queryKey: keys.runs });
    say(t`The run is being stopped.`);
  };
  return (
    <>
      <Button variant="default" leftSection={<Square size={15} />} onClick={() => setAsked(true)}>
        <Trans>Stop the run</Trans>
      </Button>
      <Confirm
        opened={asked}
        onClose={() => setAsked(false)}
        onConfirm={stop}
        dangerous
        title={<Trans>Stop this run?</Trans>}
        action={<Trans>Stop the run</Trans>}
      >
        <Trans>
          What is under way ends first, then nothing more starts. Steps already done are not undone.
        </Trans>
      </Confirm>
    </>
  );
}

function ReleaseButton({ run }: { run: Run }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const release = async () => {
    try {
      await api.runs.release(run.id);
      say(t`The run goes on.`);
    } catch (problem) {
      say(problemText(problem), "problem");
    }
    await queries.invalidateQueries({ queryKey: keys.runs });
  };
  return (
    <Button variant="default" leftSection={<Play size={15} />} onClick={() => void release()}>
      <Trans>Let it go on</Trans>
    </Button>
  );
}

function RerunMenu({ run, state }: RunActionsProps) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [asked, setAsked] = useState(false);
  const [changing, setChanging] = useState(false);
  const [busy, setBusy] = useState(false);

  const start = async (how: Rerun) => {
    const next = await api.runs.rerun(run.id, how);
    await queries.invalidateQueries({ queryKey: keys.runs });
    say(t`Another try has begun.`);
    navigate(`/runs/${next.id}`);
  };
  const retry = async (how: Rerun) => {
    setBusy(true);
    try {
      await start(how);
    } catch (problem) {
      say(problemText(problem), "problem");
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <Menu position="bottom-end" width={320} withinPortal>
        <Menu.Target>
          <Button
            loading={busy}
            leftSection={<RotateCcw size={15} />}
            rightSection={<ChevronDown size={15} />}
          >
            <Trans>Run again</Trans>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {state !== "succeeded" && (
            <Menu.Item
              leftSection={<SkipForward size={16} />}
              onClick={() => void retry({ from: "failed" })}
            >
              <Trans>From where it failed</Trans>
              <small className={classes.hint}>
                <Trans>What was done is taken over; it goes on after it.</Trans>
              </small>
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<RotateCcw size={16} />}
            onClick={() => void retry({ from: "start" })}
          >
            <Trans>From the start</Trans>
            <small className={classes.hint}>
              <Trans>Reads everything anew; what was sent or changed is not done twice.</Trans>
            </small>
          </Menu.Item>
          <Menu.Item
            leftSection={<Tag size={16} />}
            onClick={() => void retry({ from: "failed", version: "newest" })}
          >
            <Trans>On the newest version of the flow</Trans>
            <small className={classes.hint}>
              <Trans>As from where it failed, with the flow as it is published now.</Trans>
            </small>
          </Menu.Item>
          <Menu.Item leftSection={<SquarePen size={16} />} onClick={() => setChanging(true)}>
            <Trans>With a changed event…</Trans>
            <small className={classes.hint}>
              <Trans>Correct an address or a number first; nothing done is done twice.</Trans>
            </small>
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            color="red"
            leftSection={<CopyPlus size={16} />}
            onClick={() => setAsked(true)}
          >
            <Trans>Do it all again…</Trans>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Suspense>
        {changing && <ChangeDialog run={run} onClose={() => setChanging(false)} />}
      </Suspense>
      <Confirm
        opened={asked}
        onClose={() => setAsked(false)}
        onConfirm={() => start({ again: true, confirm: run.id })}
        dangerous
        title={<Trans>Do all of it a second time?</Trans>}
        action={<Trans>Do it all again</Trans>}
      >
        <Trans>
          Everything that this run did is done once more: messages are sent again, labels bought
          again, money charged again. Choose this only where that is what you want.
        </Trans>
      </Confirm>
    </>
  );
}

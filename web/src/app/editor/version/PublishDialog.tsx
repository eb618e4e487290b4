/** Asks before a draft goes live: what changes, what it is called, and what waiting runs do. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, Radio, ScrollArea, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "~/api/client.ts";
import type { Fate, StayingRuns, WaitingRuns } from "~/api/contract.ts";
import { keys } from "~/api/query.ts";
import { diffFlows } from "~/model/diff/diff.ts";
import { nodeTitle } from "~/model/variable.ts";
import { Failure } from "~/ui/Notice.tsx";
import { takeFocus } from "~/ui/seek.ts";
import { Waiting } from "../../Waiting.tsx";
import { useKnown } from "../data.ts";
import { useFlowDocument } from "../store.ts";
import { ChangeList, DiffLine } from "./ChangeList.tsx";
import { type Source, useVersionDocument } from "./source.ts";
import classes from "./version.module.css";

export interface PublishWish {
  name?: string;
  waiting?: Fate;
}

interface PublishDialogProps {
  live: Source;
  busy: boolean;
  onPublish: (wish: PublishWish) => void;
  onClose: () => void;
}

export function PublishDialog({ live, busy, onPublish, onClose }: PublishDialogProps) {
  const { t } = useLingui();
  const draft = useFlowDocument();
  const [name, setName] = useState("");
  const [fate, setFate] = useState<Fate>("stay");
  const published = useVersionDocument(draft.id, live);
  const waiting = useQuery({
    queryKey: keys.waiting(draft.id),
    queryFn: () => api.flows.waiting(draft.id, "draft"),
    staleTime: 0,
    gcTime: 0,
  });
  const before = published.data;
  const diff = before && diffFlows(before, draft);
  const waits = (waiting.data?.runs ?? 0) > 0;
  const publish = () =>
    onPublish({ ...(name.trim() && { name: name.trim() }), ...(waits && { waiting: fate }) });
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      centered
      title={<Trans>Publish this draft</Trans>}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          publish();
        }}
      >
        <Stack gap="md">
          <section aria-label={t`What changes`}>
            <Text size="sm" fw={600} mb={6}>
              <Trans>What changes from what is live</Trans>
              {diff && diff.nodes.length > 0 && (
                <Text span size="sm" c="var(--tramo-ink-soft)" fw={400}>
                  {" · "}
                  <DiffLine diff={diff} />
                </Text>
              )}
            </Text>
            {published.error && (
              <Failure error={published.error} onRetry={() => void published.refetch()} />
            )}
            {before && diff ? (
              <ScrollArea.Autosize
                mah="min(320px, 32vh)"
                type="auto"
                offsetScrollbars="y"
                viewportProps={{ tabIndex: 0 }}
              >
                <ChangeList before={before} after={draft} diff={diff} />
              </ScrollArea.Autosize>
            ) : (
              !published.error && <Waiting />
            )}
          </section>
          <TextInput
            label={t`Name of this version (optional)`}
            placeholder={t`Such as: before the sales`}
            value={name}
            maxLength={200}
            ref={takeFocus}
            data-autofocus
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {waiting.error && (
            <Failure
              error={waiting.error}
              title={<Trans>It could not be found out which runs wait</Trans>}
              onRetry={() => void waiting.refetch()}
            />
          )}
          {waiting.data && waits && (
            <WaitingChoice waiting={waiting.data} fate={fate} onChange={setFate} />
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              <Trans>Not yet</Trans>
            </Button>
            <Button type="submit" loading={busy} disabled={waiting.isPending}>
              <Trans>Publish now</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface WaitingChoiceProps {
  waiting: WaitingRuns;
  fate: Fate;
  onChange: (fate: Fate) => void;
}

function WaitingChoice({ waiting, fate, onChange }: WaitingChoiceProps) {
  const { t } = useLingui();
  const { runs, may_move: may, looked_at: looked, stay } = waiting;
  const kept = looked - may;
  return (
    <Radio.Group
      value={fate}
      onChange={(value) => onChange(value as Fate)}
      label={
        <Plural
          value={runs}
          one="# run waits on an older version. What becomes of it?"
          other="# runs wait on older versions. What becomes of them?"
        />
      }
    >
      <Stack gap="xs" mt="xs">
        <Radio value="stay" label={t`They stay: each ends on the version it began with`} />
        <Radio
          value="move"
          disabled={may === 0}
          label={
            looked < runs ? (
              <Trans>
                They go on with this version: of the first {looked}, {may} can
              </Trans>
            ) : (
              <Plural
                value={may}
                _0="They go on with this version: none of them can"
                one="They go on with this version: # of them can"
                other="They go on with this version: # of them can"
              />
            )
          }
          description={kept > 0 ? <Reasons stay={stay} /> : undefined}
        />
        <Radio value="cancel" label={t`They are cancelled; what they did stays done`} />
      </Stack>
    </Radio.Group>
  );
}

/** Why some runs cannot move, in sentences. */
function Reasons({ stay }: { stay: StayingRuns[] }) {
  const draft = useFlowDocument();
  const { types } = useKnown();
  return (
    <>
      {stay.map(({ why, node, title, runs }) => {
        const place = title ?? (node === null ? "" : nodeTitle(draft, types, node));
        return (
          <span key={`${why} ${node}`} className={classes.reason}>
            <Plural value={runs} one="# stays:" other="# stay:" />{" "}
            {why === "node" ? (
              <Trans>“{place}”, where it waits, was changed or is gone.</Trans>
            ) : why === "path" && node !== null ? (
              <Trans>“{place}”, which lies behind it, was changed or is gone.</Trans>
            ) : why === "path" ? (
              <Trans>This version does something else before the place where it waits.</Trans>
            ) : why === "limit" ? (
              <Trans>The flow's limits were changed.</Trans>
            ) : why === "missing" ? (
              <Trans>A connector of its version is not installed.</Trans>
            ) : (
              <Trans>It has just gone on.</Trans>
            )}
          </span>
        );
      })}
    </>
  );
}

/** What was published of the flow, newest first, with the draft above it. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Badge, Button, CloseButton, Menu, ScrollArea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Check, EllipsisVertical } from "lucide-react";
import { Suspense, useState } from "react";
import { api } from "~/api/client.ts";
import type { FlowVersion } from "~/api/contract.ts";
import type { Json } from "~/api/json.ts";
import { keys, useVersions } from "~/api/query.ts";
import { commandOf } from "~/model/command.ts";
import { type FlowDocument, readFlow } from "~/model/flow.ts";
import { Confirm } from "~/ui/Confirm.tsx";
import { later } from "~/ui/later.ts";
import { Ago } from "~/ui/Moment.tsx";
import { Failure, LoadingRows } from "~/ui/Notice.tsx";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import { useKnown } from "../data.ts";
import frame from "../editor.module.css";
import { useEditorStore, useFlowDocument } from "../store.ts";
import { DiffLine } from "./ChangeList.tsx";
import { useDraftDiff } from "./DraftMark.tsx";
import { useSettle } from "./settle.ts";
import { type Source, sourceOf } from "./source.ts";
import { useVersionTitle } from "./title.ts";
import classes from "./version.module.css";

const CompareDialog = later(async () => ({
  default: (await import("./CompareDialog.tsx")).CompareDialog,
}));

interface VersionPanelProps {
  live: Source | null;
  onClose: () => void;
}

export function VersionPanel({ live, onClose }: VersionPanelProps) {
  const { t } = useLingui();
  const { id } = useFlowDocument();
  const store = useEditorStore();
  const problemText = useProblemText();
  const versions = useVersions(id);
  const { items, error, hasNextPage, fetchNextPage, refetch } = versions;
  const [compared, setCompared] = useState<Source | null>(null);
  const restore = (document: FlowDocument) => {
    const { history, perform } = store.getState();
    // The draft goes on under its own id and name.
    const after = { ...document, id: history.flow.id, name: history.flow.name };
    const change = {
      path: [],
      before: history.flow as unknown as Json,
      after: after as unknown as Json,
    };
    perform(commandOf("flow.restore", [change]));
    setCompared(null);
    say(t`The version is back in the draft. Undo takes it out again.`);
  };
  const bringBack = async (version: FlowVersion) => {
    try {
      restore(readFlow((await api.flows.version(id, sourceOf(version))).document));
    } catch (problem) {
      say(problemText(problem), "problem");
    }
  };
  return (
    <section className={frame.side} aria-label={t`Versions`}>
      <header className={frame.sideHead}>
        <h2>
          <Trans>Versions</Trans>
        </h2>
        <CloseButton size="sm" aria-label={t`Close the list of versions`} onClick={onClose} />
      </header>
      <ScrollArea className={frame.sideBody} type="auto" scrollbarSize={8}>
        <ol className={classes.versions}>
          <DraftRow live={live} onCompare={() => setCompared(live)} />
          {items?.map((version) => (
            <VersionRow
              key={sourceOf(version)}
              version={version}
              onCompare={() => setCompared(sourceOf(version))}
              onRestore={() => void bringBack(version)}
            />
          ))}
        </ol>
        {items?.length === 0 && (
          <p className={classes.quiet}>
            <Trans>Nothing has been published yet. Each time that you publish is kept here.</Trans>
          </p>
        )}
        {!items && !error && <LoadingRows rows={3} height={58} />}
        {error && <Failure error={error} onRetry={() => void refetch()} />}
        {hasNextPage && (
          <Button size="xs" variant="subtle" fullWidth onClick={() => void fetchNextPage()}>
            <Trans>Show older ones</Trans>
          </Button>
        )}
      </ScrollArea>
      <Suspense>
        {compared !== null && (
          <CompareDialog
            from={compared}
            to="draft"
            onRestore={restore}
            onClose={() => setCompared(null)}
          />
        )}
      </Suspense>
    </section>
  );
}

function DraftRow({ live, onCompare }: { live: Source | null; onCompare: () => void }) {
  const found = useDraftDiff(live);
  return (
    <li className={classes.version} data-draft>
      <div className={classes.versionTitle}>
        <Trans>Draft</Trans>
      </div>
      <div className={classes.under}>
        {live === null ? (
          <Trans>Not published yet</Trans>
        ) : found === null ? (
          <Trans>Comparing…</Trans>
        ) : found.same ? (
          <Trans>The same as what is live</Trans>
        ) : (
          <>
            <Trans>Differs from what is live:</Trans> <DiffLine diff={found.diff} />
          </>
        )}
      </div>
      {found && !found.same && (
        <Button size="compact-xs" variant="light" mt={6} onClick={onCompare}>
          <Trans>Compare with what is live</Trans>
        </Button>
      )}
    </li>
  );
}

interface VersionRowProps {
  version: FlowVersion;
  onCompare: () => void;
  onRestore: () => void;
}

function VersionRow({ version, onCompare, onRestore }: VersionRowProps) {
  const { t } = useLingui();
  const { readOnly } = useKnown();
  const title = useVersionTitle()(version);
  const [naming, setNaming] = useState(false);
  const [asked, setAsked] = useState<"move" | "cancel" | null>(null);
  const { id } = useFlowDocument();
  const settle = useSettle(id);
  const { runs, waiting } = version;
  return (
    <li className={classes.version}>
      <div className={classes.versionTop}>
        <div className={classes.versionWords}>
          {naming ? (
            <NameField version={version} onDone={() => setNaming(false)} />
          ) : (
            <div className={classes.versionTitle}>
              {title}
              {version.live && (
                <Badge size="sm" variant="light" ml={8}>
                  <Trans>Live</Trans>
                </Badge>
              )}
            </div>
          )}
          <div className={classes.under}>
            {version.author ?? <Trans>A program</Trans>} · <Ago at={version.published_at} />
          </div>
          <div className={classes.under}>
            <Plural value={runs} _0="no runs" one="# run" other="# runs" />
            {waiting > 0 && (
              <>
                {" · "}
                <Plural value={waiting} one="# is waiting" other="# are waiting" />
              </>
            )}
          </div>
        </div>
        <Menu position="bottom-end" shadow="md" returnFocus={false}>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={t`What to do with ${title}`}>
              <EllipsisVertical size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={onCompare}>
              <Trans>Compare with the draft</Trans>
            </Menu.Item>
            {!readOnly && (
              <Menu.Item onClick={onRestore}>
                <Trans>Bring back into the draft</Trans>
              </Menu.Item>
            )}
            {!readOnly && version.number !== null && (
              <Menu.Item onClick={() => setNaming(true)}>
                <Trans>Rename</Trans>
              </Menu.Item>
            )}
            {!readOnly && waiting > 0 && !version.live && (
              <>
                <Menu.Divider />
                <Menu.Item onClick={() => setAsked("move")}>
                  <Trans>Move waiting runs to the live version</Trans>
                </Menu.Item>
                <Menu.Item color="red" onClick={() => setAsked("cancel")}>
                  <Trans>Cancel waiting runs</Trans>
                </Menu.Item>
              </>
            )}
          </Menu.Dropdown>
        </Menu>
      </div>
      <Confirm
        opened={asked !== null}
        title={
          asked === "cancel" ? (
            <Trans>Cancel the waiting runs?</Trans>
          ) : (
            <Trans>Move the waiting runs?</Trans>
          )
        }
        action={asked === "cancel" ? <Trans>Cancel the runs</Trans> : <Trans>Move them</Trans>}
        dangerous={asked === "cancel"}
        onConfirm={async () => asked && settle(asked)}
        onClose={() => setAsked(null)}
      >
        {asked === "cancel" ? (
          <Trans>
            All runs that wait on versions before the live one end. What they did stays.
          </Trans>
        ) : (
          <Trans>
            Runs that wait on versions before the live one go on with the live one, where it has led
            them the same way so far. The others stay as they are.
          </Trans>
        )}
      </Confirm>
    </li>
  );
}

function NameField({ version, onDone }: { version: FlowVersion; onDone: () => void }) {
  const { t } = useLingui();
  const { id } = useFlowDocument();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [name, setName] = useState(version.name ?? "");
  const save = async () => {
    if (version.number === null) return;
    try {
      await api.flows.nameVersion(id, version.number, name.trim() || null);
      await queries.invalidateQueries({ queryKey: keys.versions(id) });
      onDone();
    } catch (error) {
      say(problemText(error), "problem");
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <TextInput
        size="xs"
        aria-label={t`Name of the version`}
        placeholder={t`Such as: before the sales`}
        value={name}
        maxLength={200}
        autoFocus
        onChange={(event) => setName(event.currentTarget.value)}
        rightSection={
          <ActionIcon size="sm" variant="subtle" type="submit" aria-label={t`Save`}>
            <Check size={14} />
          </ActionIcon>
        }
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            event.stopPropagation();
            onDone();
          }
        }}
      />
    </form>
  );
}

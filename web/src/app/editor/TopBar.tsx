/** The bar above the canvas: which flow this is, how far it is saved, and what can be done. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, VisuallyHidden } from "@mantine/core";
import {
  ArrowLeft,
  CircleCheck,
  CloudOff,
  History,
  LoaderCircle,
  PenLine,
  Play,
  Redo2,
  TriangleAlert,
  Undo2,
  Wand2,
} from "lucide-react";
import { memo, type ReactNode, Suspense, useState } from "react";
import type { FlowState } from "~/api/contract.ts";
import { setFlowField } from "~/model/edit.ts";
import { type Level, worstFirst } from "~/model/problem.ts";
import { later } from "~/ui/later.ts";
import { Tip } from "~/ui/Tip.tsx";
import { useShortcut } from "../command/registry.ts";
import { shownShortcut } from "../command/shortcut.ts";
import { FlowStateBadge } from "../flows/FlowStateBadge.tsx";
import { Link } from "../router.tsx";
import classes from "./bar.module.css";
import { useKnown } from "./data.ts";
import { MoreButton } from "./MoreButton.tsx";
import { People } from "./presence/People.tsx";
import { LookSwitch } from "./sentence/LookSwitch.tsx";
import { isHeld, useEditor, useFlowDocument } from "./store.ts";
import { DraftMark } from "./version/DraftMark.tsx";
import type { Source } from "./version/source.ts";

const MoreMenu = later(async () => ({ default: (await import("./MoreMenu.tsx")).MoreMenu }));

export interface TopBarProps {
  state: FlowState;
  /** What is live, as versions are named. */
  live: Source | null;
  publishing: boolean;
  onRun: () => void;
  onPublish: () => void;
  onTidy: () => void;
  onRuns: () => void;
  onVersions: () => void;
  onProblems: () => void;
  onAddresses: (() => void) | null;
  onExport: () => void;
}

export const TopBar = memo(function TopBar(props: TopBarProps) {
  const { t } = useLingui();
  const { readOnly } = useKnown();
  // Pressed before it is loaded, the menu opens when it is there.
  const [more, setMore] = useState(false);
  const undo = useEditor((state) => state.undo);
  const redo = useEditor((state) => state.redo);
  const canUndo = useEditor((state) => state.history.done.length > 0);
  const canRedo = useEditor((state) => state.history.undone.length > 0);
  return (
    <header className={classes.bar}>
      <Tool label={t`Back to the flows`} to="/flows">
        <ArrowLeft size={18} />
      </Tool>
      <FlowName />
      <span className={classes.wide}>
        <FlowStateBadge state={props.state} />
      </span>
      {!readOnly && <SavedMark />}
      <span className={classes.wide}>
        <DraftMark live={props.live} onClick={props.onVersions} />
      </span>
      <span className={classes.space} />
      {!readOnly && (
        <>
          <Tool label={t`Undo`} command="edit.undo" off={!canUndo} onClick={undo}>
            <Undo2 size={17} />
          </Tool>
          <span className={classes.wide}>
            <Tool label={t`Redo`} command="edit.redo" off={!canRedo} onClick={redo}>
              <Redo2 size={17} />
            </Tool>
            <Tool label={t`Tidy up`} command="view.tidy" onClick={props.onTidy}>
              <Wand2 size={17} />
            </Tool>
          </span>
          <span className={classes.divider} />
        </>
      )}
      <People />
      <LookSwitch />
      <ProblemsButton onClick={props.onProblems} />
      <span className={classes.wide}>
        <Tool label={t`Runs of this flow`} onClick={props.onRuns}>
          <History size={17} />
        </Tool>
      </span>
      <Suspense fallback={<MoreButton onClick={() => setMore(true)} />}>
        <MoreMenu {...props} opened={more} onChange={setMore} />
      </Suspense>
      {!readOnly && (
        <>
          <Button
            className={classes.run}
            data-guide="run"
            variant="default"
            size="sm"
            leftSection={<Play size={15} />}
            onClick={props.onRun}
          >
            <Trans>Run</Trans>
          </Button>
          <Button size="sm" loading={props.publishing} onClick={props.onPublish}>
            <Trans>Publish</Trans>
          </Button>
        </>
      )}
    </header>
  );
});

function FlowName() {
  const { t } = useLingui();
  const flow = useFlowDocument();
  const perform = useEditor((state) => state.perform);
  const { readOnly } = useKnown();
  return (
    <span className={classes.sizer} data-text={flow.name}>
      <VisuallyHidden component="h1">{flow.name}</VisuallyHidden>
      <input
        className={classes.name}
        aria-label={t`Name of the flow`}
        value={flow.name}
        maxLength={200}
        size={1}
        readOnly={readOnly}
        aria-invalid={flow.name.trim() === ""}
        onChange={(event) => perform(setFlowField(flow, "name", event.currentTarget.value))}
      />
    </span>
  );
}

function SavedMark() {
  const { t } = useLingui();
  const saving = useEditor((state) => state.saving);
  const words = {
    saved: t`Saved`,
    changed: t`Saving…`,
    saving: t`Saving…`,
    failed: t`Not saved, trying again`,
    conflict: t`Changed elsewhere`,
    gone: t`Deleted elsewhere`,
  }[saving];
  const icon =
    saving === "saved" ? (
      <CircleCheck size={14} />
    ) : saving === "failed" || isHeld(saving) ? (
      <CloudOff size={14} />
    ) : (
      <LoaderCircle size={14} />
    );
  return (
    <span className={classes.saved} data-saving={saving} role="status" title={words}>
      {icon}
      <span className={classes.savedWords}>{words}</span>
    </span>
  );
}

const colors: Record<Level, string> = { error: "red", warning: "yellow", todo: "gray" };

function ProblemsButton({ onClick }: { onClick: () => void }) {
  const { t } = useLingui();
  const worst = useEditor((state) => worstFirst(state.problems)[0]?.problem.level ?? "todo");
  const count = useEditor((state) => state.problems.length);
  if (count === 0) return null;
  return (
    <Tip label={t`What needs attention`}>
      <Button
        variant="subtle"
        color={colors[worst]}
        size="sm"
        px={8}
        leftSection={worst === "todo" ? <PenLine size={16} /> : <TriangleAlert size={16} />}
        onClick={onClick}
      >
        <span aria-hidden>{count}</span>
        <VisuallyHidden>
          <Plural value={count} one="# problem" other="# problems" />
        </VisuallyHidden>
      </Button>
    </Tip>
  );
}

interface ToolProps {
  label: string;
  /** The command that it stands for, whose keys the tooltip tells. */
  command?: string;
  off?: boolean;
  to?: string;
  onClick?: () => void;
  children: ReactNode;
}

function Tool({ label, command = "", off = false, to, onClick, children }: ToolProps) {
  const keys = useShortcut(command);
  const shared = { variant: "subtle", color: "gray", size: 34, "aria-label": label } as const;
  return (
    <Tip label={keys ? `${label} (${shownShortcut(keys)})` : label} openDelay={300}>
      {to === undefined ? (
        <ActionIcon {...shared} disabled={off} onClick={onClick}>
          {children}
        </ActionIcon>
      ) : (
        <ActionIcon {...shared} component={Link} to={to}>
          {children}
        </ActionIcon>
      )}
    </Tip>
  );
}

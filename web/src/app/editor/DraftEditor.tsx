/** The draft on its canvas, with palette, node panel, problems and dialogs around it. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Suspense, useEffect, useRef, useState } from "react";
import type { Address, FlowState } from "~/api/contract.ts";
import { writeJson } from "~/api/json.ts";
import type { AddRequest, MenuRequest } from "~/canvas/Canvas.tsx";
import type { CanvasView } from "~/canvas/view.ts";
import { ahead, later } from "~/ui/later.ts";
import { loadable } from "~/ui/loadable.tsx";
import { useStable } from "~/ui/stable.ts";
import { SkipLink } from "../SkipLink.tsx";
import { Waiting } from "../Waiting.tsx";
import { OnlyAccounts } from "./account.ts";
import { useActions } from "./actions.ts";
import { useBack } from "./back.ts";
import { CanvasTools } from "./canvas/CanvasTools.tsx";
import { useEditorCommands } from "./commands.ts";
import { DraftCanvas } from "./DraftCanvas.tsx";
import { useKnown } from "./data.ts";
import classes from "./editor.module.css";
import { useInSight } from "./insight.ts";
import { KeptNotice } from "./KeptNotice.tsx";
import { useEditorKeys } from "./keyboard.ts";
import { useNarrow } from "./narrow.ts";
import { useEditorNews } from "./news.ts";
import type { Choice } from "./roam/Chooser.tsx";
import { useRoamCommands } from "./roam/commands.ts";
import { useGround } from "./roam/ground.ts";
import { useAutosave } from "./save.ts";
import type { Teller } from "./sentence/SentenceEditor.tsx";
import { SettingsDoor } from "./settings/SettingsDoor.tsx";
import { useEditor, useEditorStore } from "./store.ts";
import { TopBar } from "./TopBar.tsx";
import { usePublish } from "./version/publish.ts";
import type { Source } from "./version/source.ts";

const [QuickAdd, loadQuickAdd] = loadable(async () => (await import("./QuickAdd.tsx")).QuickAdd);
const [Chooser, loadChooser] = loadable(async () => (await import("./roam/Chooser.tsx")).Chooser);
const [NodePanel, loadNodePanel] = loadable(
  async () => (await import("./NodePanel.tsx")).NodePanel,
  <Waiting />,
);
const [CanvasMenu, loadCanvasMenu] = loadable(
  async () => (await import("./canvas/CanvasMenu.tsx")).CanvasMenu,
);
const preload_ms = 1_000;
const GoneDialog = later(async () => ({
  default: (await import("./GoneDialog.tsx")).GoneDialog,
}));
const ConflictDialog = later(async () => ({
  default: (await import("./ConflictDialog.tsx")).ConflictDialog,
}));
const ProblemsPanel = later(async () => ({
  default: (await import("./ProblemsPanel.tsx")).ProblemsPanel,
}));
const Checker = later(async () => ({ default: (await import("./Checker.tsx")).Checker }));
const PresenceBanner = later(async () => ({
  default: (await import("./presence/PresenceBanner.tsx")).PresenceBanner,
}));
const TrialCommands = later(async () => ({
  default: (await import("./trial/TrialCommands.tsx")).TrialCommands,
}));
const Palette = later(async () => ({ default: (await import("./Palette.tsx")).Palette }));
const Sheet = later(async () => ({ default: (await import("./Sheet.tsx")).Sheet }));
const RunsPanel = later(async () => ({ default: (await import("./RunsPanel.tsx")).RunsPanel }));
const SentenceEditor = later(async () => ({
  default: (await import("./sentence/SentenceEditor.tsx")).SentenceEditor,
}));
const VersionPanel = later(async () => ({
  default: (await import("./version/VersionPanel.tsx")).VersionPanel,
}));
const [PublishDialog] = loadable(
  async () => (await import("./version/PublishDialog.tsx")).PublishDialog,
);
const [RunDialog] = loadable(async () => (await import("./RunDialog.tsx")).RunDialog);
const AddressDialog = later(async () => ({
  default: (await import("./AddressDialog.tsx")).AddressDialog,
}));

type Side = "palette" | "runs" | "versions" | null;
type Dialog = { run: true } | { addresses: Address[]; fresh: boolean } | null;

interface DraftEditorProps {
  state: FlowState;
  addresses: Address[];
  /** What is live, as versions are named. */
  live: Source | null;
}

export function DraftEditor(props: DraftEditorProps) {
  const store = useEditorStore();
  // What is typed into the flow draws nothing of this anew.
  const id = useEditor((state) => state.history.flow.id);
  const { t } = useLingui();
  const opened = useEditor((state) => state.opened);
  const { readOnly } = useKnown();
  const conflict = useEditor((state) => state.conflict);
  const gone = useEditor((state) => state.saving === "gone");
  const narrow = useNarrow();
  const look = useEditor((state) => state.look);
  const told = look === "sentences";
  const view = useRef<CanvasView>(null);
  const teller = useRef<Teller>(null);
  const actions = useActions(view, teller);
  const [state, setState] = useState(props.state);
  const [addresses, setAddresses] = useState(props.addresses);
  const [live, setLive] = useState(props.live);
  const [side, setSide] = useState<Side>(narrow || readOnly ? null : "palette");
  /** The shelf is open to choose how the flow starts. */
  const [starting, setStarting] = useState(false);
  const [listed, setListed] = useState(false);
  const [dialog, setDialog] = useState<Dialog>(null);
  const [choice, setChoice] = useState<Choice | null>(null);
  const [asked, setAsked] = useState<AddRequest | null>(null);
  const [menu, setMenu] = useState<MenuRequest | null>(null);
  useAutosave(!readOnly);
  useEditorNews();

  const place = useInSight(view, opened);
  useEditorKeys(actions, readOnly);
  useEffect(() => {
    // They are there at once when they are asked for.
    ahead(loadQuickAdd);
    ahead(loadChooser);
    const timer = setTimeout(() => {
      ahead(loadNodePanel);
      ahead(loadCanvasMenu);
    }, preload_ms);
    return () => clearTimeout(timer);
  }, []);

  const publishing = usePublish({
    live,
    onPublished(published) {
      setState("active");
      setLive(String(published.number));
      setAddresses(published.addresses);
      if (live === null && published.addresses.length > 0) {
        setDialog({ addresses: published.addresses, fresh: true });
      }
    },
    onProblems: () => setListed(true),
  });
  const download = () => {
    const { flow } = store.getState().history;
    const file = new Blob([writeJson(flow, 2)], { type: "application/json" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `${flow.name.replace(/[^\p{L}\p{N}]+/gu, "-") || flow.id}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const show = (node: string) => {
    view.current?.show(node);
    teller.current?.go(node);
  };
  const turnTo = (other: Side) => setSide(side === other ? (narrow ? null : "palette") : other);
  const showRuns = () => turnTo("runs");
  const showVersions = () => turnTo("versions");
  useRoamCommands(useGround(view, setChoice, setAsked));
  useEditorCommands(actions, {
    onAsk: told ? () => teller.current?.ask() : null,
    onFit: () => view.current?.fit(),
    onRun: () => setDialog({ run: true }),
    onPublish: () => void publishing.ask(),
    onRuns: showRuns,
    onVersions: showVersions,
    onProblems: () => setListed(!listed),
    onExport: download,
    onGo: show,
  });
  const choose = useStable((type: string) => {
    actions.add(type);
    setStarting(false);
    if (narrow) setSide(null);
  });
  const closeSide = useStable(() => {
    setSide(null);
    setStarting(false);
  });
  const start = () => {
    if (told) return teller.current?.ask("start");
    setSide("palette");
    setStarting(true);
  };

  const palette = (
    <Suspense fallback={<Waiting />}>
      <Palette starting={starting} onChoose={choose} onClose={closeSide} draggable={!narrow} />
    </Suspense>
  );
  const runs = (
    <Suspense fallback={<Waiting />}>
      <RunsPanel flow={id} onClose={() => setSide(null)} />
    </Suspense>
  );
  const versions = (
    <Suspense fallback={<Waiting />}>
      <VersionPanel live={live} onClose={() => setSide(null)} />
    </Suspense>
  );
  const beside = side === "versions" ? versions : side === "runs" ? runs : palette;
  const panel = <NodePanel actions={actions} />;
  const open = useEditor((it) => it.open);
  useBack(opened !== null ? () => open(null) : narrow && side !== null ? closeSide : null);
  // The bar is not drawn anew at each key that changes the flow: its buttons stay what they are.
  const showAddresses = useStable(() => setDialog({ addresses, fresh: false }));
  const bar = {
    onRun: useStable(() => setDialog({ run: true })),
    onPublish: useStable(() => void publishing.ask()),
    onTidy: useStable(() => void actions.tidy()),
    onRuns: useStable(showRuns),
    onVersions: useStable(showVersions),
    onProblems: useStable(() => setListed(!listed)),
    onAddresses: addresses.length > 0 ? showAddresses : null,
    onExport: useStable(download),
  };

  return (
    <div className={classes.editor}>
      <SkipLink />
      <TopBar state={state} live={live} publishing={publishing.busy} {...bar} />
      <Suspense>
        <PresenceBanner />
        {!readOnly && <KeptNotice />}
      </Suspense>
      <div className={classes.body}>
        {!narrow && side !== null && !((told || readOnly) && side === "palette") && (
          <div className={classes.left}>{beside}</div>
        )}
        <main id="page" tabIndex={-1} className={classes.middle}>
          <div ref={place} className={classes.canvas}>
            {told ? (
              <Suspense fallback={<Waiting />}>
                <SentenceEditor teller={teller} />
              </Suspense>
            ) : (
              <DraftCanvas
                view={view}
                onDropType={actions.addAt}
                onAsk={setAsked}
                onMenu={setMenu}
                onStart={choose}
              />
            )}
            {!told && <CanvasTools view={view} actions={actions} onAsk={setAsked} />}
            {!readOnly && !told && side !== "palette" && (
              <AddButton onClick={() => setSide("palette")} />
            )}
          </div>
          <Suspense>
            {listed && (
              <ProblemsPanel onGo={show} onStart={start} onClose={() => setListed(false)} />
            )}
          </Suspense>
        </main>
        {!narrow && opened !== null && (
          <div className={classes.right} data-panel>
            {panel}
          </div>
        )}
      </div>
      {narrow && (
        <Suspense>
          <Sheet
            opened={side !== null}
            height="78%"
            label={t`Beside the flow`}
            onClose={() => setSide(null)}
          >
            {beside}
          </Sheet>
          <Sheet
            opened={opened !== null}
            height="85%"
            label={t`Settings of the step`}
            onClose={() => open(null)}
          >
            {panel}
          </Sheet>
        </Suspense>
      )}
      <Suspense>
        {asked && (
          <QuickAdd
            request={asked}
            onClose={() => setAsked(null)}
            onChoose={(type, request) =>
              request.after || request.before || request.edge || request.inside || request.exact
                ? actions.addAt(type, request)
                : actions.add(type)
            }
          />
        )}
        {menu && <CanvasMenu {...menu} view={view} onClose={() => setMenu(null)} />}
        {choice && <Chooser key={choice.title} choice={choice} onClose={() => setChoice(null)} />}
        {conflict && <ConflictDialog conflict={conflict} />}
        {gone && <GoneDialog />}
      </Suspense>
      <OnlyAccounts />
      <Suspense>
        <Checker />
      </Suspense>
      <Suspense>{!readOnly && <TrialCommands />}</Suspense>
      <SettingsDoor addresses={addresses} />
      <Suspense>
        {publishing.asking && live !== null && (
          <PublishDialog
            live={live}
            busy={publishing.busy}
            onPublish={publishing.publish}
            onClose={publishing.close}
          />
        )}
        {dialog && "run" in dialog && <RunDialog onClose={() => setDialog(null)} />}
        {dialog && "addresses" in dialog && (
          <AddressDialog {...dialog} onClose={() => setDialog(null)} />
        )}
      </Suspense>
    </div>
  );
}

function AddButton({ onClick }: { onClick: () => void }) {
  return (
    <button type="button" className={classes.add} onClick={onClick}>
      <span aria-hidden>+</span> <Trans>Add a node</Trans>
    </button>
  );
}

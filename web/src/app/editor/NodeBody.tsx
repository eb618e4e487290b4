/** What a node is set up with, between the data that goes in and the data that comes out. */
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, ScrollArea, Tabs } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { PanelLeft, PanelRight } from "lucide-react";
import { memo, type ReactNode, useState } from "react";
import { createTargets, TargetContext } from "~/forms/formula/target.ts";
import type { FlowNode } from "~/model/flow.ts";
import { Tip } from "~/ui/Tip.tsx";
import { InputData, OutputData } from "./NodeData.tsx";
import { NodeSetup } from "./NodeSetup.tsx";
import { PaneEdge } from "./PaneEdge.tsx";
import classes from "./pane.module.css";
import { type PaneSide, setPane, usePanes } from "./pane.ts";
import panel from "./panel.module.css";
import { unlessReads } from "./same.ts";

/**
 * Beside each other where the window is wide enough, else one behind the other.
 *
 * What is typed into the node draws the form alone anew, not what lies around it.
 */
export const NodeBody = memo(
  function NodeBody({ node }: { node: FlowNode }) {
    const [targets] = useState(createTargets);
    const roomForOne = useMediaQuery("(min-width: 62em)", true, { getInitialValueInEffect: false });
    const roomForTwo = useMediaQuery("(min-width: 80em)", true, { getInitialValueInEffect: false });
    const panes = usePanes();
    const input = Boolean(roomForOne) && panes.input.open;
    const output = Boolean(roomForOne) && panes.output.open && (!input || Boolean(roomForTwo));
    return (
      <TargetContext.Provider value={targets}>
        <div className={classes.body} data-beside={input || output || undefined}>
          {input && (
            <Pane side="input" title={<Trans>Input</Trans>}>
              <InputData node={node} beside />
            </Pane>
          )}
          <NodeTabs node={node} input={input} output={output} roomy={Boolean(roomForOne)} />
          {output && (
            <Pane side="output" title={<Trans>Output</Trans>}>
              <OutputData node={node} />
            </Pane>
          )}
        </div>
      </TargetContext.Provider>
    );
  },
  unlessReads("label", "note", "params"),
);

interface NodeTabsProps {
  node: FlowNode;
  input: boolean;
  output: boolean;
  roomy: boolean;
}

function NodeTabs({ node, input, output, roomy }: NodeTabsProps) {
  const [tab, setTab] = useState<string>("setup");
  const shown = (tab === "input" && input) || (tab === "output" && output) ? "setup" : tab;
  return (
    <Tabs
      value={shown}
      onChange={(next) => setTab(next ?? "setup")}
      keepMounted={false}
      className={`${panel.tabs} ${classes.form}`}
    >
      <div className={classes.tabLine}>
        {roomy && <PaneButton side="input" open={input} />}
        <Tabs.List px="xs" className={classes.tabList ?? ""}>
          <Tabs.Tab value="setup">
            <Trans>Setup</Trans>
          </Tabs.Tab>
          {!input && (
            <Tabs.Tab value="input">
              <Trans>Input</Trans>
            </Tabs.Tab>
          )}
          {!output && (
            <Tabs.Tab value="output">
              <Trans>Output</Trans>
            </Tabs.Tab>
          )}
        </Tabs.List>
        {roomy && <PaneButton side="output" open={output} />}
      </div>
      <ScrollArea className={panel.body} type="auto" scrollbarSize={8}>
        <Tabs.Panel value="setup" p="md">
          <NodeSetup id={node.id} />
        </Tabs.Panel>
        {!input && (
          <Tabs.Panel value="input" p="md">
            <InputData node={node} />
          </Tabs.Panel>
        )}
        {!output && (
          <Tabs.Panel value="output" p="md">
            <OutputData node={node} />
          </Tabs.Panel>
        )}
      </ScrollArea>
    </Tabs>
  );
}

function PaneButton({ side, open }: { side: PaneSide; open: boolean }) {
  const { t } = useLingui();
  const words = {
    input: open ? t`Hide the input beside` : t`Show the input beside`,
    output: open ? t`Hide the output beside` : t`Show the output beside`,
  }[side];
  const Icon = side === "input" ? PanelLeft : PanelRight;
  return (
    <Tip label={words} openDelay={300}>
      <ActionIcon
        variant={open ? "light" : "subtle"}
        color={open ? "tramo" : "gray"}
        size={28}
        mx={8}
        aria-label={words}
        aria-pressed={open}
        onClick={() => setPane(side, { open: !open })}
      >
        <Icon size={16} />
      </ActionIcon>
    </Tip>
  );
}

function Pane({
  side,
  title,
  children,
}: {
  side: PaneSide;
  title: ReactNode;
  children: ReactNode;
}) {
  const { t } = useLingui();
  const { width } = usePanes()[side];
  const label = side === "input" ? t`Input data` : t`Output data`;
  const edge = <PaneEdge side={side} width={width} />;
  return (
    <>
      {side === "output" && edge}
      <section className={classes.pane} aria-label={label} style={{ width }}>
        <h2 className={classes.title}>{title}</h2>
        <ScrollArea className={panel.body} type="auto" scrollbarSize={8}>
          <div className={classes.content}>{children}</div>
        </ScrollArea>
      </section>
      {side === "input" && edge}
    </>
  );
}

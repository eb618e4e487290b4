/** The chosen node: what it is called, how it is set up, and what went in and came out. */
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Menu, VisuallyHidden } from "@mantine/core";
import { Copy, EllipsisVertical, Power, Trash2, X } from "lucide-react";
import { memo, useEffect, useRef } from "react";
import * as edit from "~/model/edit.ts";
import { type FlowNode, findNode } from "~/model/flow.ts";
import { nodeTitle } from "~/model/variable.ts";
import { isFocusFree } from "~/ui/focus.ts";
import { NodeIcon } from "~/ui/NodeIcon.tsx";
import { Tip } from "~/ui/Tip.tsx";
import type { Actions } from "./actions.ts";
import { useKnown } from "./data.ts";
import { NodeBody } from "./NodeBody.tsx";
import classes from "./panel.module.css";
import { unlessReads } from "./same.ts";
import { useEditor, useEditorStore, useFlowDocument } from "./store.ts";
import { TrialBar } from "./trial/TrialBar.tsx";

export function NodePanel({ actions }: { actions: Actions }) {
  const { t } = useLingui();
  const flow = useFlowDocument();
  const opened = useEditor((state) => state.opened);
  const open = useEditor((state) => state.open);
  const { readOnly, types } = useKnown();
  const node = opened === null ? undefined : findNode(flow, opened);
  if (!node) return null;
  return (
    <section className={classes.panel} aria-label={t`Node: ${nodeTitle(flow, types, node.id)}`}>
      <header className={classes.head}>
        <VisuallyHidden component="h2">{nodeTitle(flow, types, node.id)}</VisuallyHidden>
        <NodeName key={node.id} node={node} />
        {!readOnly && <NodeMenu node={node} actions={actions} />}
        <Tip label={t`Close`}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t`Close the panel`}
            onClick={() => open(null)}
          >
            <X size={17} />
          </ActionIcon>
        </Tip>
      </header>
      {!readOnly && <TrialBar key={`trial ${node.id}`} node={node} />}
      <NodeBody key={`body ${node.id}`} node={node} />
    </section>
  );
}

function NodeName({ node }: { node: FlowNode }) {
  const { t } = useLingui();
  const flow = useFlowDocument();
  const perform = useEditor((state) => state.perform);
  const { types, readOnly } = useKnown();
  const type = types.get(node.type);
  const input = useRef<HTMLInputElement>(null);
  // A node that was just added is at once ready to be set up, by keyboard too.
  useEffect(() => {
    if (isFocusFree()) input.current?.focus();
  }, []);
  return (
    <>
      <NodeIcon type={type} size={34} />
      <div className={classes.name}>
        <input
          ref={input}
          className={classes.label}
          data-name
          aria-label={t`Name of the node`}
          value={node.label ?? ""}
          placeholder={nodeTitle(flow, types, node.id)}
          readOnly={readOnly}
          maxLength={200}
          onChange={(event) => {
            const label = event.currentTarget.value || undefined;
            perform(edit.setField(flow, node.id, "label", label));
          }}
        />
        <span className={classes.kind}>
          {type ? type.title : node.type} <code>{node.id}</code>
        </span>
      </div>
    </>
  );
}

interface NodeMenuProps {
  node: FlowNode;
  actions: Actions;
}

const NodeMenu = memo(
  function NodeMenu({ node, actions }: NodeMenuProps) {
    const { t } = useLingui();
    const store = useEditorStore();
    return (
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t`More about this node`}>
            <EllipsisVertical size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Copy size={15} />} onClick={actions.duplicate}>
            <Trans>Duplicate</Trans>
          </Menu.Item>
          <Menu.Item
            leftSection={<Power size={15} />}
            onClick={() => {
              const { history, perform } = store.getState();
              const disabled = node.disabled ? undefined : true;
              perform(edit.setField(history.flow, node.id, "disabled", disabled));
            }}
          >
            {node.disabled ? <Trans>Switch on</Trans> : <Trans>Switch off</Trans>}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<Trash2 size={15} />} onClick={actions.remove}>
            <Trans>Delete</Trans>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    );
  },
  unlessReads("label", "note", "params"),
);

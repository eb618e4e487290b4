/** The chosen node: what it is called, how it is set up, and what went in and came out. */
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Menu, VisuallyHidden } from "@mantine/core";
import { Copy, EllipsisVertical, Power, Trash2, X } from "lucide-react";
import { memo, useEffect, useRef } from "react";
import * as edit from "~/model/edit.ts";
import { type FlowNode, findNode } from "~/model/flow.ts";
import { titleOfNode } from "~/model/title.ts";
import { isFocusFree } from "~/ui/focus.ts";
import { NodeIcon } from "~/ui/NodeIcon.tsx";
import { Tip } from "~/ui/Tip.tsx";
import type { Actions } from "./actions.ts";
import { useKnown } from "./data.ts";
import { NodeBody } from "./NodeBody.tsx";
import classes from "./panel.module.css";
import { unlessReads } from "./same.ts";
import { useEditor, useEditorStore } from "./store.ts";
import { TrialBar } from "./trial/TrialBar.tsx";

export function NodePanel({ actions }: { actions: Actions }) {
  const { t } = useLingui();
  const node = useEditor(({ opened, history }) =>
    opened === null ? undefined : findNode(history.flow, opened),
  );
  const { readOnly, types } = useKnown();
  if (!node) return null;
  const type = types.get(node.type);
  return (
    <section className={classes.panel} aria-label={t`Node: ${titleOfNode(node, type)}`}>
      <header className={classes.head}>
        <VisuallyHidden component="h2">{titleOfNode(node, type)}</VisuallyHidden>
        <NodeName key={node.id} node={node} />
        {!readOnly && <NodeMenu node={node} actions={actions} />}
        <CloseButton />
      </header>
      {!readOnly && <TrialBar key={`trial ${node.id}`} node={node} />}
      <NodeBody key={`body ${node.id}`} node={node} />
    </section>
  );
}

const CloseButton = memo(function CloseButton() {
  const { t } = useLingui();
  const open = useEditor((state) => state.open);
  return (
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
  );
});

function NodeName({ node }: { node: FlowNode }) {
  const { t } = useLingui();
  const store = useEditorStore();
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
          placeholder={titleOfNode(node, type)}
          readOnly={readOnly}
          maxLength={200}
          onChange={(event) => {
            const label = event.currentTarget.value || undefined;
            const { history, perform } = store.getState();
            perform(edit.setField(history.flow, node.id, "label", label));
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

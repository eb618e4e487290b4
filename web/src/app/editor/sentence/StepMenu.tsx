/** Everything that can be done with a step, in a list. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Menu } from "@mantine/core";
import {
  ArrowDown,
  ArrowUp,
  Copy,
  CopyPlus,
  CornerDownRight,
  ListChecks,
  MessageSquareText,
  MoveVertical,
  PanelRight,
  PenLine,
  Plus,
  Power,
  ShieldAlert,
  Trash2,
} from "lucide-react";
import { useState } from "react";
import { errorPort } from "~/model/flow.ts";
import { isTrigger, outputPorts } from "~/model/port.ts";
import { isLoop, mainPort } from "~/model/sentence/outline.ts";
import { type Spot, spotAfter } from "~/model/sentence/spot.ts";
import { usePortTitle } from "~/runs/way.ts";
import { say } from "~/ui/toast.tsx";
import { useKnown } from "../data.ts";
import { useEditorStore, useFlowDocument } from "../store.ts";
import type { Question } from "./commands.ts";
import type { Edits } from "./edits.ts";
import type { Told } from "./told.ts";

interface StepMenuProps {
  node: string;
  anchor: HTMLElement;
  onAsk: (node: string, question: Question) => void;
  onPick: (node: string) => void;
  told: Told;
  edits: Edits;
  onAdd: (spot: Spot) => void;
  onClose: () => void;
}

export function StepMenu(props: StepMenuProps) {
  const { node: id, anchor, told, edits, onAdd, onAsk, onPick, onClose } = props;
  const { t } = useLingui();
  const store = useEditorStore();
  const flow = useFlowDocument();
  const { types } = useKnown();
  const portTitle = usePortTitle();
  // It stays where it was opened, also where the row is drawn anew meanwhile.
  const [{ bottom, right }] = useState(() => anchor.getBoundingClientRect());
  const node = told.names.node(id);
  const step = told.outline.steps.get(id);
  if (!node || !step) return null;
  const type = types.get(node.type);
  const trigger = isTrigger(type);
  const main = mainPort(node, types);
  const after = main === null ? null : spotAfter(flow, types, id);
  const shown = new Set(step.ways.map((way) => way.port));
  const hidden = outputPorts(node, type).filter(
    (port) => port.name !== main && !shown.has(port.name) && port.name !== errorPort,
  );
  const { number } = step;

  const item = (icon: React.ReactNode, words: React.ReactNode, act: () => void, keys?: string) => (
    <Menu.Item
      leftSection={icon}
      rightSection={keys === undefined ? null : <kbd>{keys}</kbd>}
      closeMenuOnClick={false}
      onClick={act}
    >
      {words}
    </Menu.Item>
  );
  const then = (act: () => void) => () => {
    onClose();
    act();
  };
  const leave = (question: Question) => then(() => onAsk(id, question));
  return (
    <Menu
      opened
      onChange={(opened) => !opened && onClose()}
      position="bottom-end"
      shadow="lg"
      width={260}
      returnFocus={false}
      hideDetached={false}
    >
      <Menu.Target>
        <span
          aria-hidden
          style={{ position: "fixed", left: right, top: bottom, width: 1, height: 1 }}
        />
      </Menu.Target>
      <Menu.Dropdown aria-label={t`What to do with step ${number}`}>
        {item(
          <PanelRight size={15} />,
          <Trans>Open its form</Trans>,
          then(() => store.getState().open(id)),
          "↵",
        )}
        <Menu.Divider />
        {after &&
          item(
            <Plus size={15} />,
            <Trans>Add a step after it</Trans>,
            then(() => onAdd(after)),
            "N",
          )}
        {!trigger &&
          item(
            <Plus size={15} />,
            <Trans>Add a step before it</Trans>,
            then(() => onAdd({ kind: "before", node: id })),
          )}
        {isLoop(node) &&
          item(
            <Plus size={15} />,
            <Trans>Add a first step for each item</Trans>,
            then(() => onAdd({ kind: "inside", loop: id })),
          )}
        {trigger &&
          item(
            <Plus size={15} />,
            <Trans>Add another start</Trans>,
            then(() => onAdd({ kind: "start" })),
          )}
        {hidden.map((port) => {
          const way = portTitle(port);
          return (
            <Menu.Item
              key={port.name}
              leftSection={<Plus size={15} />}
              onClick={then(() => onAdd({ kind: "after", node: id, port: port.name }))}
            >
              <Trans>Add a step for “{way}”</Trans>
            </Menu.Item>
          );
        })}
        {!trigger &&
          node.on_error !== "branch" &&
          item(
            <ShieldAlert size={15} />,
            <Trans>Say what to do if it fails</Trans>,
            then(() => edits.branchOnError(id)),
          )}
        <Menu.Divider />
        {!trigger && (
          <>
            {item(
              <ArrowUp size={15} />,
              <Trans>Move up</Trans>,
              then(() => edits.shift(id, false)),
              "Alt ↑",
            )}
            {item(
              <ArrowDown size={15} />,
              <Trans>Move down</Trans>,
              then(() => edits.shift(id, true)),
              "Alt ↓",
            )}
            {item(<MoveVertical size={15} />, <Trans>Move to…</Trans>, leave("move"))}
          </>
        )}
        {outputPorts(node, type).length > 0 &&
          item(<CornerDownRight size={15} />, <Trans>Continue at…</Trans>, leave("connect"))}
        <Menu.Divider />
        {item(<PenLine size={15} />, <Trans>Rename</Trans>, leave("label"), "F2")}
        {item(
          <MessageSquareText size={15} />,
          node.note ? <Trans>Change the note</Trans> : <Trans>Add a note</Trans>,
          leave("note"),
        )}
        {item(
          <Power size={15} />,
          node.disabled ? <Trans>Switch on</Trans> : <Trans>Switch off</Trans>,
          then(() => edits.toggle([id])),
        )}
        {item(
          <CopyPlus size={15} />,
          <Trans>Duplicate</Trans>,
          then(() => edits.duplicate([id])),
        )}
        {item(
          <Copy size={15} />,
          <Trans>Copy</Trans>,
          then(() => {
            void navigator.clipboard.writeText(edits.copied([id])).then(() => say(t`Copied.`));
          }),
        )}
        {item(
          <ListChecks size={15} />,
          <Trans>Choose several</Trans>,
          then(() => onPick(id)),
        )}
        <Menu.Divider />
        <Menu.Item
          color="red"
          leftSection={<Trash2 size={15} />}
          onClick={then(() => edits.remove([id]))}
        >
          <Trans>Delete</Trans>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

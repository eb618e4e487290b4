/** What can be done with what the right button points at: commands, as keys and palette give them. */
import { useLingui } from "@lingui/react/macro";
import { Menu } from "@mantine/core";
import { Fragment, type RefObject, useContext, useState } from "react";
import type { MenuRequest } from "~/canvas/Canvas.tsx";
import type { CanvasView } from "~/canvas/view.ts";
import { Keys } from "../../command/Keys.tsx";
import {
  type AppCommand,
  commandsIn,
  isEnabled,
  RegistryContext,
  shortcutsOf,
} from "../../command/registry.ts";
import classes from "./menu.module.css";

/** The commands of each list by their ids, in groups; those that make no sense now are left out. */
const lists: Record<MenuRequest["on"], readonly (readonly string[])[]> = {
  node: [
    ["node.open", "node.rename"],
    ["run.only", "run.until", "run.from", "node.pin"],
    ["node.add", "node.connect", "node.chooseAfter"],
    ["edit.copy", "edit.cut", "edit.duplicate"],
    ["node.carry", "node.group", "node.loop", "node.detach", "node.cutLoose", "node.disable"],
    ["edit.remove"],
  ],
  edge: [["edge.insert", "edge.onward", "edge.backward"], ["edit.remove"]],
  note: [
    ["note.write", "node.carry", "note.larger", "note.smaller", "node.ungroup"],
    ["edit.copy", "edit.cut", "edit.duplicate"],
    ["edit.remove"],
  ],
  canvas: [
    ["node.addHere", "note.add", "edit.paste"],
    ["edit.all", "view.search", "view.tidy", "view.fit"],
    ["run.start", "view.commands"],
  ],
};

interface CanvasMenuProps extends MenuRequest {
  view: RefObject<CanvasView | null>;
  onClose: () => void;
}

export function CanvasMenu({ on, screen, view, onClose }: CanvasMenuProps) {
  const { i18n, t } = useLingui();
  const registry = useContext(RegistryContext);
  const [groups] = useState(() => {
    view.current?.pointAt(screen);
    const known = new Map(commandsIn(registry).map((command) => [command.id, command]));
    const offered = lists[on].map((ids) =>
      ids.flatMap((id) => known.get(id) ?? []).filter(isEnabled),
    );
    return offered.filter((group) => group.length > 0);
  });
  const give = (command: AppCommand) => {
    onClose();
    // The pointer has gone to the list meanwhile; what is meant is where the list was asked for.
    view.current?.pointAt(screen);
    command.run();
  };
  return (
    <Menu
      opened
      onClose={onClose}
      position="bottom-start"
      offset={2}
      middlewares={{ flip: false, shift: { padding: 8, crossAxis: true } }}
      classNames={{ item: classes.item ?? "" }}
      shadow="lg"
      width={290}
      returnFocus
      transitionProps={{ duration: 0 }}
    >
      <Menu.Target>
        <span
          aria-hidden
          style={{ position: "fixed", left: screen.x, top: screen.y, width: 1, height: 1 }}
        />
      </Menu.Target>
      <Menu.Dropdown aria-label={t`What can be done here`}>
        {groups.map((group, index) => (
          <Fragment key={group[0]?.id}>
            {index > 0 && <Menu.Divider />}
            {group.map((command) => {
              const [shortcut] = shortcutsOf(command);
              return (
                <Menu.Item
                  key={command.id}
                  data-command={command.id}
                  color={command.id === "edit.remove" ? "red" : undefined}
                  rightSection={shortcut && <Keys shortcut={shortcut} />}
                  onClick={() => give(command)}
                >
                  {i18n._(command.title)}
                </Menu.Item>
              );
            })}
          </Fragment>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** What can be done with the flow besides, behind the bar's last button. */
import { Trans } from "@lingui/react/macro";
import { Menu } from "@mantine/core";
import type { ReactNode } from "react";
import { useGiveCommand, useShortcut } from "../command/registry.ts";
import { shownShortcut } from "../command/shortcut.ts";
import classes from "./bar.module.css";
import { useKnown } from "./data.ts";
import { MoreButton } from "./MoreButton.tsx";
import { useNarrow } from "./narrow.ts";
import type { TopBarProps } from "./TopBar.tsx";

interface MoreMenuProps extends TopBarProps {
  opened: boolean;
  onChange: (opened: boolean) => void;
}

export function MoreMenu(props: MoreMenuProps) {
  const { onTidy, onRuns, onVersions, onAddresses, onExport, onRun, opened, onChange } = props;
  const { readOnly } = useKnown();
  const narrow = useNarrow();
  return (
    <Menu
      opened={opened}
      onChange={onChange}
      position="bottom-end"
      shadow="md"
      withinPortal={false}
    >
      <Menu.Target>
        <MoreButton />
      </Menu.Target>
      <Menu.Dropdown>
        {/* The focus goes to the first entry: none is there unseen. */}
        {!readOnly && narrow && (
          <>
            <Menu.Item onClick={onRun}>
              <Trans>Run by hand</Trans>
            </Menu.Item>
            <Menu.Item onClick={onTidy}>
              <Trans>Tidy up</Trans>
            </Menu.Item>
          </>
        )}
        <Menu.Item onClick={onRuns}>
          <Trans>Runs of this flow</Trans>
        </Menu.Item>
        <Menu.Item onClick={onVersions}>
          <Trans>Versions</Trans>
        </Menu.Item>
        {onAddresses && (
          <Menu.Item onClick={onAddresses}>
            <Trans>Addresses</Trans>
          </Menu.Item>
        )}
        <CommandItem id="flow.settings">
          <Trans>Flow settings</Trans>
        </CommandItem>
        <Menu.Item onClick={onExport}>
          <Trans>Download as JSON</Trans>
        </Menu.Item>
        <Menu.Divider />
        <CommandItem id="view.commands">
          <Trans>Search all commands</Trans>
        </CommandItem>
        <CommandItem id="view.keys">
          <Trans>Keyboard shortcuts</Trans>
        </CommandItem>
      </Menu.Dropdown>
    </Menu>
  );
}

/** A command in a menu, with the keys that give it as well. */
function CommandItem({ id, children }: { id: string; children: ReactNode }) {
  const give = useGiveCommand();
  const keys = useShortcut(id);
  return (
    <Menu.Item
      rightSection={keys && <span className={classes.keys}>{shownShortcut(keys)}</span>}
      onClick={() => give(id)}
    >
      {children}
    </Menu.Item>
  );
}

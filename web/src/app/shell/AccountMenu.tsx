import { Trans, useLingui } from "@lingui/react/macro";
import { Avatar, Menu, UnstyledButton, useMantineColorScheme, VisuallyHidden } from "@mantine/core";
import { ChevronsUpDown, LogOut, Monitor, Moon, Sun } from "lucide-react";
import { type Language, languages } from "../language.ts";
import { useSession } from "../session/session.ts";
import { useAccount } from "./account.ts";
import classes from "./shell.module.css";

/** The person's own menu: language, light or dark, sign out. */
export function AccountMenu() {
  const { t, i18n } = useLingui();
  const { user, workspace } = useSession();
  const { choose, signOut } = useAccount();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const shades = [
    { value: "light" as const, label: t`Light`, icon: <Sun size={16} /> },
    { value: "dark" as const, label: t`Dark`, icon: <Moon size={16} /> },
    { value: "auto" as const, label: t`Like the system`, icon: <Monitor size={16} /> },
  ];

  return (
    <Menu position="top-start" width={230} shadow="md" withinPortal={false}>
      <Menu.Target>
        <UnstyledButton className={classes.account}>
          <VisuallyHidden>
            <Trans>Account</Trans>
          </VisuallyHidden>
          <Avatar
            size={30}
            radius="xl"
            color="tramo"
            variant="light"
            name={user.name}
            aria-hidden
          />
          <span className={classes.who}>
            <span>{user.name}</span>
            <span>{workspace.name}</span>
          </span>
          <ChevronsUpDown className={classes.chevron} size={15} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{user.email}</Menu.Label>
        <Menu.Divider />
        <Menu.Label>
          <Trans>Language</Trans>
        </Menu.Label>
        <Menu.RadioGroup
          value={i18n.locale}
          onChange={(language) => void choose(language as Language)}
        >
          {(Object.keys(languages) as Language[]).map((language) => (
            <Menu.RadioItem key={language} value={language} lang={language}>
              {languages[language]}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Label>
          <Trans>Appearance</Trans>
        </Menu.Label>
        <Menu.RadioGroup
          value={colorScheme}
          onChange={(shade) => setColorScheme(shade as typeof colorScheme)}
        >
          {shades.map(({ value, label, icon }) => (
            <Menu.RadioItem key={value} value={value} rightSection={icon}>
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={16} />} onClick={() => void signOut()}>
          <Trans>Sign out</Trans>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

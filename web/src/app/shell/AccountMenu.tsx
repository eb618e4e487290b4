import { Trans, useLingui } from "@lingui/react/macro";
import { Avatar, Menu, UnstyledButton, useMantineColorScheme, VisuallyHidden } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { ChevronsUpDown, LogOut, Monitor, Moon, Sun } from "lucide-react";
import { api } from "~/api/client.ts";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import { type Language, languages, speak } from "../locale.ts";
import { navigate } from "../router.tsx";
import { useSession } from "../session/session.ts";
import classes from "./shell.module.css";

/** The person's own menu: language, light or dark, sign out. */
export function AccountMenu() {
  const { t, i18n } = useLingui();
  const { user, workspace } = useSession();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const shades = [
    { value: "light" as const, label: t`Light`, icon: <Sun size={16} /> },
    { value: "dark" as const, label: t`Dark`, icon: <Moon size={16} /> },
    { value: "auto" as const, label: t`Like the system`, icon: <Monitor size={16} /> },
  ];

  const choose = async (language: Language) => {
    await speak(language);
    try {
      await api.session.setLanguage(language);
      // Node names, problems and run errors come from the server in the person's language.
      await queries.invalidateQueries();
    } catch (error) {
      say(problemText(error), "problem");
    }
  };

  const signOut = async () => {
    try {
      await api.session.signOut();
      queries.clear();
      navigate("/flows", { replace: true });
      location.reload();
    } catch (error) {
      say(problemText(error), "problem");
    }
  };

  return (
    <Menu position="top-start" width={230} shadow="md">
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

/** Hears the keys, shows palette and cheat sheet, and offers what can be done on every page. */
import { msg } from "@lingui/core/macro";
import { useMantineColorScheme } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { ahead } from "~/ui/later.ts";
import { loadable } from "~/ui/loadable.tsx";
import { type Language, languages } from "../language.ts";
import { navigate } from "../router.tsx";
import { useCanEdit } from "../session/session.ts";
import { useAccount } from "../shell/account.ts";
import { useCommandKeys } from "./keys.ts";
import { type AppCommand, useCommands } from "./registry.ts";

const [Palette, loadPalette] = loadable(async () => (await import("./Palette.tsx")).Palette);
const [CheatSheet] = loadable(async () => (await import("./CheatSheet.tsx")).CheatSheet);

const preload_ms = 2_000;

export function CommandCentre() {
  const [shown, setShown] = useState<"palette" | "sheet" | null>(null);
  const before = useRef<Element | null>(null);
  useCommandKeys();
  useEffect(() => {
    // It is there at once when it is called.
    const timer = setTimeout(() => ahead(loadPalette), preload_ms);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    // Back and forward leave for another page: what lay over the one before goes with it.
    const leave = () => setShown(null);
    addEventListener("popstate", leave);
    return () => removeEventListener("popstate", leave);
  }, []);
  useCommands([...useGoing(), ...usePersonal()]);

  const show = (what: "palette" | "sheet") => {
    if (shown === null) before.current = document.activeElement;
    setShown(what);
  };
  const close = (then?: () => void) => {
    flushSync(() => setShown(null));
    // Back to where the person was: what a command does next starts from there.
    if (before.current instanceof HTMLElement && before.current.isConnected) {
      before.current.focus({ preventScroll: true });
    }
    then?.();
  };
  useCommands([
    {
      id: "view.commands",
      title: msg`Search all commands`,
      group: "view",
      shortcut: ["Mod+K", "Mod+Shift+P"],
      heard: "everywhere",
      keysOnly: true,
      run: () => (shown === "palette" ? close() : show("palette")),
    },
    {
      id: "view.keys",
      title: msg`Keyboard shortcuts`,
      group: "view",
      shortcut: ["?", "Mod+/"],
      keywords: msg`help, cheat sheet, keys`,
      run: () => show("sheet"),
    },
  ]);
  if (shown === null) return null;
  if (shown === "palette") return <Palette onClose={close} />;
  return <CheatSheet onClose={() => close()} />;
}

/** The pages, and what is begun on them. */
function useGoing(): AppCommand[] {
  const canEdit = useCanEdit();
  const to = (path: string) => () => navigate(path);
  const go = { group: "go" } as const;
  const pages: AppCommand[] = [
    { ...go, id: "go.flows", title: msg`Flows`, shortcut: "G F", run: to("/flows") },
    { ...go, id: "go.runs", title: msg`Runs`, shortcut: "G R", run: to("/runs") },
    {
      ...go,
      id: "go.approvals",
      title: msg`Questions`,
      shortcut: "G Q",
      run: to("/inbox/approvals"),
    },
    { ...go, id: "go.doubts", title: msg`Doubts`, shortcut: "G D", run: to("/inbox/doubts") },
    { ...go, id: "go.alerts", title: msg`Alerts`, shortcut: "G A", run: to("/inbox/alerts") },
    { ...go, id: "go.messages", title: msg`Messages`, shortcut: "G M", run: to("/inbox/messages") },
    { ...go, id: "go.timeline", title: msg`Timeline`, shortcut: "G T", run: to("/timeline") },
    { ...go, id: "go.tables", title: msg`Tables`, shortcut: "G B", run: to("/data/tables") },
    {
      ...go,
      id: "go.variables",
      title: msg`Variables`,
      shortcut: "G V",
      run: to("/data/variables"),
    },
    {
      ...go,
      id: "go.connections",
      title: msg`Connections`,
      shortcut: "G C",
      run: to("/connections"),
    },
    {
      ...go,
      id: "go.keeping",
      title: msg`Keeping`,
      keywords: msg`retention, how long, delete old runs`,
      run: to("/settings/keeping"),
    },
    { ...go, id: "go.people", title: msg`People`, shortcut: "G P", run: to("/people") },
  ];
  if (!canEdit) return pages;
  return [
    ...pages,
    {
      id: "flow.create",
      title: msg`New flow`,
      group: "flow",
      shortcut: "G N",
      keywords: msg`create, add, start`,
      run: to("/flows?new"),
    },
  ];
}

const languageIds = Object.keys(languages) as Language[];

/** How one likes to work: language, light or dark, sign out. */
function usePersonal(): AppCommand[] {
  const { choose, signOut } = useAccount();
  const { setColorScheme } = useMantineColorScheme();
  const shades = { light: msg`Light`, dark: msg`Dark`, auto: msg`Like the system` } as const;
  return [
    ...(Object.keys(shades) as (keyof typeof shades)[]).map(
      (shade): AppCommand => ({
        id: `view.${shade}`,
        title: shades[shade],
        keywords: msg`appearance, theme, light, dark`,
        group: "view",
        run: () => setColorScheme(shade),
      }),
    ),
    ...languageIds.map((language): AppCommand => {
      const name = languages[language];
      return {
        id: `view.${language}`,
        title: msg`Language: ${name}`,
        group: "view",
        run: () => void choose(language),
      };
    }),
    {
      id: "go.out",
      title: msg`Sign out`,
      keywords: msg`log out, leave`,
      group: "go",
      run: () => void signOut(),
    },
  ];
}

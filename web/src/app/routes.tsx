/** The table of pages. A page is loaded when its path is first visited. */
import { Trans } from "@lingui/react/macro";
import { Button, Center, Stack, Text, Title } from "@mantine/core";
import {
  type ComponentType,
  type LazyExoticComponent,
  type ReactNode,
  Suspense,
  useEffect,
} from "react";
import { fetched, later } from "~/ui/later.ts";
import { Boundary } from "./Boundary.tsx";
import { CommandCentre } from "./command/CommandCentre.tsx";
import { Link, matchPath, navigate, usePath } from "./router.tsx";
import { SessionGate } from "./session/SessionGate.tsx";
import { Waiting } from "./Waiting.tsx";

const Shell = later(async () => ({ default: (await import("./shell/Shell.tsx")).Shell }));

// biome-ignore lint/suspicious/noExplicitAny: each page names the parameters its own path has.
type AnyPage = LazyExoticComponent<ComponentType<any>>;

/** What a page stands in: nothing, the gate alone (it fills the window), or gate and navigation. */
type Place = "open" | "window" | "shell";

const pages: { path: string; place: Place; page: AnyPage }[] = [
  { path: "/start", place: "open", page: later(() => import("./session/StartPage.tsx")) },
  { path: "/flows/:id", place: "window", page: later(() => import("./editor/FlowPage.tsx")) },
  { path: "/flows", place: "shell", page: later(() => import("./flows/FlowsPage.tsx")) },
  { path: "/runs", place: "shell", page: later(() => import("./runs/RunsPage.tsx")) },
  { path: "/runs/:id", place: "shell", page: later(() => import("./runs/RunPage.tsx")) },
  { path: "/timeline", place: "shell", page: later(() => import("./timeline/TimelinePage.tsx")) },
  {
    path: "/inbox/approvals",
    place: "shell",
    page: later(() => import("./inbox/ApprovalsPage.tsx")),
  },
  { path: "/inbox/doubts", place: "shell", page: later(() => import("./inbox/DoubtsPage.tsx")) },
  { path: "/inbox/alerts", place: "shell", page: later(() => import("./inbox/AlertsPage.tsx")) },
  {
    path: "/inbox/messages",
    place: "shell",
    page: later(() => import("./inbox/MessagesPage.tsx")),
  },
  { path: "/data/tables", place: "shell", page: later(() => import("./data/TablesPage.tsx")) },
  { path: "/data/tables/:name", place: "shell", page: later(() => import("./data/TablePage.tsx")) },
  {
    path: "/data/variables",
    place: "shell",
    page: later(() => import("./data/VariablesPage.tsx")),
  },
  {
    path: "/connections",
    place: "shell",
    page: later(() => import("./connections/ConnectionsPage.tsx")),
  },
  {
    path: "/connections/:id",
    place: "shell",
    page: later(() => import("./connections/ConnectionPage.tsx")),
  },
  {
    path: "/settings/keeping",
    place: "shell",
    page: later(() => import("./settings/RetentionPage.tsx")),
  },
  { path: "/people", place: "shell", page: later(() => import("./people/PeoplePage.tsx")) },
];

/** Paths that stand for another. */
const shortcuts: Record<string, string> = {
  "/": "/flows",
  "/inbox": "/inbox/approvals",
  "/data": "/data/tables",
  "/settings": "/settings/keeping",
};

/** Waits for the code that a path is shown by; where it cannot be had, the page will tell. */
export async function fetchPage(path: string): Promise<void> {
  const shown = shortcuts[path] ?? path;
  const route = pages.find((it) => matchPath(it.path, shown));
  if (!route) return;
  const parts = route.place === "shell" ? [Shell, route.page] : [route.page];
  await Promise.allSettled(parts.map(fetched));
}

export function Page() {
  const path = usePath();
  useEffect(() => {
    const moved = shortcuts[path];
    if (moved !== undefined) navigate(moved, { replace: true });
  }, [path]);
  if (path in shortcuts) return null;
  for (const route of pages) {
    const values = matchPath(route.path, path);
    if (!values) continue;
    const page = <route.page {...values} />;
    if (route.place === "open") return page;
    // One gate and one shell for all pages, so that moving between them keeps both mounted.
    return <Behind shell={route.place === "shell"}>{page}</Behind>;
  }
  return <NotFound />;
}

function Behind({ shell, children }: { shell: boolean; children: ReactNode }) {
  return (
    <SessionGate>
      <CommandCentre />
      {shell ? (
        <Suspense fallback={<Waiting />}>
          <Shell>
            <Boundary>
              <Suspense fallback={<Waiting />}>{children}</Suspense>
            </Boundary>
          </Shell>
        </Suspense>
      ) : (
        <Boundary>{children}</Boundary>
      )}
    </SessionGate>
  );
}

function NotFound() {
  return (
    <Center component="main" mih="70vh" p="md">
      <Stack align="center" gap="sm">
        <Title order={1} size="h3">
          <Trans>There is no page here</Trans>
        </Title>
        <Text c="dimmed">
          <Trans>The address may be mistyped, or what it named has been deleted.</Trans>
        </Text>
        <Button component={Link} to="/flows" variant="light">
          <Trans>Go to the flows</Trans>
        </Button>
      </Stack>
    </Center>
  );
}

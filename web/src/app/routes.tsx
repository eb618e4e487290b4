/** The table of pages. A page is loaded when its path is first visited. */
import { Trans } from "@lingui/react/macro";
import { Button, Center, Stack, Text, Title } from "@mantine/core";
import { type ComponentType, type LazyExoticComponent, lazy, useEffect } from "react";
import { Link, matchPath, navigate, usePath } from "./router.tsx";

// biome-ignore lint/suspicious/noExplicitAny: each page names the parameters its own path has.
type AnyPage = LazyExoticComponent<ComponentType<any>>;

const pages: { path: string; page: AnyPage }[] = [
  { path: "/flows/:id", page: lazy(() => import("./editor/FlowPage.tsx")) },
];

export function Page() {
  const path = usePath();
  useEffect(() => {
    if (path === "/") navigate("/flows", { replace: true });
  }, [path]);
  for (const route of pages) {
    const values = matchPath(route.path, path);
    if (values) return <route.page {...values} />;
  }
  return path === "/" ? null : <NotFound />;
}

function NotFound() {
  return (
    <Center mih="70vh" p="md">
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

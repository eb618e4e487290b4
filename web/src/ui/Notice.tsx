/** What a page shows in place of content: nothing yet, still loading, or a problem. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { Note } from "./Note.tsx";
import classes from "./notice.module.css";
import { useProblemText } from "./problem.ts";

interface EmptyProps {
  icon: ReactNode;
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}

export function Empty({ icon, title, children, action }: EmptyProps) {
  return (
    <Stack className={classes.empty} align="center" gap="xs">
      <span className={classes.emblem} aria-hidden>
        {icon}
      </span>
      <Title order={2} size="h4" ta="center">
        {title}
      </Title>
      {children && (
        <Text c="var(--tramo-ink-soft)" ta="center" maw={460}>
          {children}
        </Text>
      )}
      {action && (
        <Group mt="sm" justify="center">
          {action}
        </Group>
      )}
    </Stack>
  );
}

interface FailureProps {
  error: unknown;
  /** What could not be done; "This could not be loaded" where left out. */
  title?: ReactNode;
  onRetry?: () => void;
}

export function Failure({ error, title, onRetry }: FailureProps) {
  const problemText = useProblemText();
  return (
    <Note tone="bad" title={title ?? <Trans>This could not be loaded</Trans>}>
      <Text size="sm">{problemText(error)}</Text>
      {onRetry && (
        <Button
          mt="sm"
          size="xs"
          variant="default"
          leftSection={<RotateCw size={14} />}
          onClick={onRetry}
        >
          <Trans>Try again</Trans>
        </Button>
      )}
    </Note>
  );
}

/** Grey rows in the place of a list that is on its way. */
export function LoadingRows({ rows = 5, height = 62 }: { rows?: number; height?: number }) {
  const { t } = useLingui();
  return (
    <Stack gap={8} role="status" aria-label={t`Loading`}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move.
        <Skeleton key={row} height={height} radius="md" />
      ))}
    </Stack>
  );
}

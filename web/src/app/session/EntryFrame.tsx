import { Paper, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Wordmark } from "../shell/Wordmark.tsx";
import classes from "./entry.module.css";
import { LanguagePicker } from "./LanguagePicker.tsx";

interface EntryFrameProps {
  title: ReactNode;
  lead?: ReactNode;
  children?: ReactNode;
}

/** The page that stands before the door: the mark, one card, and the choice of language. */
export function EntryFrame({ title, lead, children }: EntryFrameProps) {
  return (
    <main className={classes.page}>
      <div className={classes.column}>
        <Wordmark size={34} />
        <Paper className={classes.card}>
          <Stack gap="lg">
            <div>
              <Title order={1} size="h3">
                {title}
              </Title>
              {lead && (
                <Text mt={6} c="var(--tramo-ink-soft)">
                  {lead}
                </Text>
              )}
            </div>
            {children}
          </Stack>
        </Paper>
        <LanguagePicker />
      </div>
    </main>
  );
}

import { Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTitle } from "../title.ts";
import classes from "./frame.module.css";

interface PageFrameProps {
  title: string;
  lead?: ReactNode;
  /** Where one came from, shown above the title. */
  above?: ReactNode;
  /** The page's main buttons. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A page's heading, its buttons and its content, at a width that reads well. */
export function PageFrame({ title, lead, above, actions, children }: PageFrameProps) {
  useTitle(title);
  return (
    <div className={classes.frame}>
      {above && <div className={classes.above}>{above}</div>}
      <div className={classes.heading}>
        <div>
          <Title order={1} size="h2">
            {title}
          </Title>
          {lead && (
            <Text mt={4} c="var(--tramo-ink-soft)" maw={620}>
              {lead}
            </Text>
          )}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </div>
      {children}
    </div>
  );
}

/** What waits for people, in one place: questions, doubts, alerts, and the messages about them. */
import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Link, usePath } from "../router.tsx";
import { PageFrame } from "../shell/PageFrame.tsx";
import classes from "./inbox.module.css";

interface InboxFrameProps {
  title: string;
  lead: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function InboxFrame({ title, lead, actions, children }: InboxFrameProps) {
  const { t } = useLingui();
  const path = usePath();
  const tabs = [
    { to: "/inbox/approvals", label: <Trans>Questions</Trans> },
    { to: "/inbox/doubts", label: <Trans>Doubts</Trans> },
    { to: "/inbox/alerts", label: <Trans>Alerts</Trans> },
    { to: "/inbox/messages", label: <Trans>Messages</Trans> },
  ];
  return (
    <PageFrame
      title={title}
      lead={lead}
      actions={actions}
      above={
        <nav className={classes.tabs} aria-label={t`Inbox`}>
          {tabs.map(({ to, label }) => (
            <Link key={to} to={to} aria-current={path === to ? "page" : undefined}>
              {label}
            </Link>
          ))}
        </nav>
      }
    >
      {children}
    </PageFrame>
  );
}

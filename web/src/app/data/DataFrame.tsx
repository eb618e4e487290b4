/** What flows keep for later: named tables, and values that all of them read. */
import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import inbox from "../inbox/inbox.module.css";
import { Link, usePath } from "../router.tsx";
import { PageFrame } from "../shell/PageFrame.tsx";

interface DataFrameProps {
  title: string;
  lead: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function DataFrame({ title, lead, actions, children }: DataFrameProps) {
  const { t } = useLingui();
  const path = usePath();
  const tabs = [
    { to: "/data/tables", label: <Trans>Tables</Trans> },
    { to: "/data/variables", label: <Trans>Variables</Trans> },
  ];
  return (
    <PageFrame
      title={title}
      lead={lead}
      actions={actions}
      above={
        <nav className={inbox.tabs} aria-label={t`Data`}>
          {tabs.map(({ to, label }) => (
            <Link key={to} to={to} aria-current={path.startsWith(to) ? "page" : undefined}>
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

/** What every page but the editor's stands in: navigation, account, and the page itself. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Cable, History, Users, Workflow } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { Link, usePath } from "../router.tsx";
import { useSession } from "../session/session.ts";
import { AccountMenu } from "./AccountMenu.tsx";
import classes from "./shell.module.css";
import { Wordmark } from "./Wordmark.tsx";

export function Shell({ children }: { children: ReactNode }) {
  const { t } = useLingui();
  const path = usePath();
  const { demo } = useSession();
  const main = useRef<HTMLElement>(null);
  const arrived = useRef(path);

  useEffect(() => {
    // After a move to another page, a screen reader goes on from that page's start.
    if (arrived.current !== path) main.current?.focus({ preventScroll: true });
    arrived.current = path;
    if (main.current) main.current.scrollTop = 0;
  }, [path]);

  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#page">
        <Trans>Skip to the page</Trans>
      </a>
      <aside className={classes.rail} aria-label={t`Navigation and account`}>
        <Link to="/flows" className={classes.home}>
          <Wordmark />
        </Link>
        <Navigation path={path} />
        <div className={classes.foot}>
          {demo && (
            <p className={classes.demo}>
              <Trans>Demo shop: nothing here reaches real customers.</Trans>
            </p>
          )}
          <AccountMenu />
        </div>
      </aside>
      <main id="page" ref={main} tabIndex={-1} className={classes.page}>
        {children}
      </main>
    </div>
  );
}

function Navigation({ path }: { path: string }) {
  const { t } = useLingui();
  const places = [
    { to: "/flows", icon: <Workflow />, label: t`Flows` },
    { to: "/runs", icon: <History />, label: t`Runs` },
    { to: "/connections", icon: <Cable />, label: t`Connections` },
    { to: "/people", icon: <Users />, label: t`People` },
  ];
  return (
    <nav className={classes.navigation} aria-label={t`Main`}>
      {places.map(({ to, icon, label }) => (
        <Link
          key={to}
          to={to}
          className={classes.place}
          aria-current={path === to || path.startsWith(`${to}/`) ? "page" : undefined}
        >
          {icon}
          <span>{label}</span>
        </Link>
      ))}
    </nav>
  );
}

/** What every page but the editor's stands in: navigation, account, and the page itself. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Menu, UnstyledButton } from "@mantine/core";
import {
  Archive,
  Cable,
  CalendarSearch,
  Ellipsis,
  History,
  Inbox,
  Search,
  TableProperties,
  Users,
  Workflow,
} from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { useGiveCommand, useShortcut } from "../command/registry.ts";
import { ariaShortcut, shownShortcut } from "../command/shortcut.ts";
import { Link, usePath } from "../router.tsx";
import { SkipLink } from "../SkipLink.tsx";
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
      <SkipLink />
      <aside className={classes.rail} aria-label={t`Navigation and account`}>
        <Link to="/flows" className={classes.home}>
          <Wordmark />
        </Link>
        <SearchButton />
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

/** The way to the palette for who does not know its keys. */
function SearchButton() {
  const give = useGiveCommand();
  const keys = useShortcut("view.commands");
  return (
    <UnstyledButton
      className={classes.find}
      aria-keyshortcuts={keys ? ariaShortcut(keys) : undefined}
      onClick={() => give("view.commands")}
    >
      <Search size={16} />
      <span>
        <Trans>Search</Trans>
      </span>
      {keys && <kbd aria-hidden>{shownShortcut(keys)}</kbd>}
    </UnstyledButton>
  );
}

interface Place {
  to: string;
  icon: ReactNode;
  label: string;
  /** Where it belongs among others, its own path where left out. */
  under?: string;
}

const isAt = ({ to, under = to }: Place, path: string): boolean =>
  path === to || path.startsWith(`${under}/`);

function Navigation({ path }: { path: string }) {
  const { t } = useLingui();
  const first: Place[] = [
    { to: "/flows", icon: <Workflow />, label: t`Flows` },
    { to: "/runs", icon: <History />, label: t`Runs` },
    { to: "/inbox/approvals", icon: <Inbox />, label: t`Inbox`, under: "/inbox" },
    { to: "/timeline", icon: <CalendarSearch />, label: t`Timeline` },
  ];
  const rest: Place[] = [
    { to: "/data/tables", icon: <TableProperties />, label: t`Data`, under: "/data" },
    { to: "/connections", icon: <Cable />, label: t`Connections` },
    { to: "/people", icon: <Users />, label: t`People` },
    { to: "/settings/keeping", icon: <Archive />, label: t`Keeping`, under: "/settings" },
  ];
  return (
    <nav className={classes.navigation} aria-label={t`Main`}>
      {first.map((place) => (
        <PlaceLink key={place.to} place={place} path={path} />
      ))}
      <div className={classes.rest}>
        {rest.map((place) => (
          <PlaceLink key={place.to} place={place} path={path} />
        ))}
      </div>
      <MoreMenu places={rest} path={path} />
    </nav>
  );
}

function PlaceLink({ place, path }: { place: Place; path: string }) {
  return (
    <Link
      to={place.to}
      className={classes.place}
      aria-current={isAt(place, path) ? "page" : undefined}
    >
      {place.icon}
      <span>{place.label}</span>
    </Link>
  );
}

/** On a phone, the places that do not fit beside the others. */
function MoreMenu({ places, path }: { places: Place[]; path: string }) {
  const give = useGiveCommand();
  const current = places.some((place) => isAt(place, path));
  return (
    <div className={classes.more}>
      <Menu position="top-end" width={220}>
        <Menu.Target>
          <UnstyledButton className={classes.place} data-current={current || undefined}>
            <Ellipsis />
            <span>
              <Trans>More</Trans>
            </span>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Search />} onClick={() => give("view.commands")}>
            <Trans>Search</Trans>
          </Menu.Item>
          {places.map(({ to, icon, label }) => (
            <Menu.Item key={to} component={Link} to={to} leftSection={icon}>
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

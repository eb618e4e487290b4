/** The accounts at other systems that flows may use. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { Cable, Plus } from "lucide-react";
import { useState } from "react";
import type { Connection } from "~/api/contract.ts";
import { useCatalog, useConnections } from "~/api/query.ts";
import { Empty, Failure, LoadingRows } from "~/ui/Notice.tsx";
import { Link, navigate } from "../router.tsx";
import { useCanEdit } from "../session/session.ts";
import { PageFrame } from "../shell/PageFrame.tsx";
import { ConnectionDialog } from "./ConnectionDialog.tsx";
import { TwinBadge, UsedBy } from "./ConnectionMark.tsx";
import { ConnectionState } from "./ConnectionState.tsx";
import { ConnectorIcon } from "./ConnectorIcon.tsx";
import classes from "./connections.module.css";

export default function ConnectionsPage() {
  const { t } = useLingui();
  const connections = useConnections();
  const canEdit = useCanEdit();
  const [opened, setOpened] = useState(false);
  const items = connections.items;
  const add = canEdit && (
    <Button leftSection={<Plus size={17} />} onClick={() => setOpened(true)}>
      <Trans>Add a connection</Trans>
    </Button>
  );
  return (
    <PageFrame
      title={t`Connections`}
      lead={<Trans>The shops, chats and mailboxes that your flows may use.</Trans>}
      actions={items && items.length > 0 ? add : null}
    >
      {connections.isPending && <LoadingRows />}
      {connections.error && !items && (
        <Failure error={connections.error} onRetry={() => void connections.refetch()} />
      )}
      {items?.length === 0 && (
        <Empty
          icon={<Cable size={26} />}
          title={<Trans>Nothing is connected yet</Trans>}
          action={add || null}
        >
          <Trans>
            Connect your shop, or try each connector first without a password: its twin behaves like
            the real thing and reaches nobody.
          </Trans>
        </Empty>
      )}
      {items && items.length > 0 && (
        <ul className={classes.list} aria-label={t`Connections`}>
          {items.map((connection) => (
            <ConnectionRow key={connection.id} connection={connection} />
          ))}
        </ul>
      )}
      <ConnectionDialog
        opened={opened}
        onClose={() => setOpened(false)}
        onCreated={(connection) => navigate(`/connections/${connection.id}`)}
      />
    </PageFrame>
  );
}

function ConnectionRow({ connection }: { connection: Connection }) {
  const { i18n } = useLingui();
  const catalog = useCatalog(i18n.locale);
  const connector = catalog.data?.connectors.find(({ id }) => id === connection.connector);
  return (
    <li className={classes.row}>
      <ConnectorIcon connector={connector} />
      <div className={classes.body}>
        <Link className={classes.name} to={`/connections/${connection.id}`}>
          {connection.name}
        </Link>
        <span className={classes.soft}>{connector?.title ?? connection.connector}</span>
        <UsedBy connection={connection} />
      </div>
      <ConnectionState connection={connection} />
      {connection.target === "twin" ? <TwinBadge /> : <span />}
    </li>
  );
}

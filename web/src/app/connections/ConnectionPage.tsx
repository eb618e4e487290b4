/** One connection: does it work, its address, its settings, and what its twin received. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Cable, ChevronLeft, PlugZap, Trash2 } from "lucide-react";
import { useState } from "react";
import { api } from "~/api/client.ts";
import type { Connection, Connector } from "~/api/contract.ts";
import { keys, useCatalog, useConnections } from "~/api/query.ts";
import { Confirm } from "~/ui/Confirm.tsx";
import { CopyText } from "~/ui/CopyText.tsx";
import { Empty, Failure, LoadingRows } from "~/ui/Notice.tsx";
import { say } from "~/ui/toast.tsx";
import { Link, navigate } from "../router.tsx";
import runClasses from "../runs/run.module.css";
import { useCanEdit } from "../session/session.ts";
import { PageFrame } from "../shell/PageFrame.tsx";
import { TwinBadge, UsedBy } from "./ConnectionMark.tsx";
import { ConnectionSettings } from "./ConnectionSettings.tsx";
import { ConnectionState } from "./ConnectionState.tsx";
import { ConnectorIcon } from "./ConnectorIcon.tsx";
import classes from "./connections.module.css";
import { TestResult } from "./TestResult.tsx";
import { TwinView } from "./TwinView.tsx";

export default function ConnectionPage({ id }: { id: string }) {
  const { t, i18n } = useLingui();
  const connections = useConnections();
  const catalog = useCatalog(i18n.locale);
  const connection = connections.items?.find((candidate) => candidate.id === id);
  const connector = catalog.data?.connectors.find(({ id: name }) => name === connection?.connector);
  const back = (
    <Link className={runClasses.back} to="/connections">
      <ChevronLeft size={16} aria-hidden />
      <Trans>All connections</Trans>
    </Link>
  );

  if (connection) {
    return (
      <PageFrame
        title={connection.name}
        above={back}
        lead={connector?.title ?? connection.connector}
        actions={<ConnectionActions connection={connection} />}
      >
        <ConnectionBody connection={connection} connector={connector} />
      </PageFrame>
    );
  }
  return (
    <PageFrame title={t`Connection`} above={back}>
      {connections.isPending && <LoadingRows />}
      {connections.error && (
        <Failure error={connections.error} onRetry={() => void connections.refetch()} />
      )}
      {connections.items && (
        <Empty icon={<Cable size={26} />} title={<Trans>This connection is no longer here</Trans>}>
          <Trans>Somebody may have deleted it.</Trans>
        </Empty>
      )}
    </PageFrame>
  );
}

function ConnectionActions({ connection }: { connection: Connection }) {
  const { t } = useLingui();
  const canEdit = useCanEdit();
  const queries = useQueryClient();
  const [asked, setAsked] = useState(false);
  const remove = async () => {
    await api.connections.remove(connection.id);
    navigate("/connections", { replace: true });
    await queries.invalidateQueries({ queryKey: keys.connections });
    say(t`“${connection.name}” is deleted.`);
  };
  if (!canEdit) return null;
  return (
    <>
      <Button
        variant="subtle"
        color="red"
        leftSection={<Trash2 size={16} />}
        onClick={() => setAsked(true)}
      >
        <Trans>Delete</Trans>
      </Button>
      <Confirm
        opened={asked}
        onClose={() => setAsked(false)}
        onConfirm={remove}
        dangerous
        title={<Trans>Delete “{connection.name}”?</Trans>}
        action={<Trans>Delete the connection</Trans>}
      >
        <Trans>
          Flows that use it stop at that step until you give them another connection. Its secrets
          are erased.
        </Trans>
      </Confirm>
    </>
  );
}

interface ConnectionBodyProps {
  connection: Connection;
  connector: Connector | undefined;
}

function ConnectionBody({ connection, connector }: ConnectionBodyProps) {
  const { t } = useLingui();
  const canEdit = useCanEdit();
  const queries = useQueryClient();
  const test = useMutation({
    mutationFn: () => api.connections.test(connection.id),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.connections }),
  });
  return (
    <div className={classes.sections}>
      <section className={classes.panel}>
        <div className={classes.health}>
          <ConnectorIcon connector={connector} />
          <ConnectionState connection={connection} />
          {connection.target === "twin" && <TwinBadge />}
          <UsedBy connection={connection} />
          {canEdit && (
            <Button
              ml="auto"
              variant="default"
              leftSection={<PlugZap size={16} />}
              loading={test.isPending}
              onClick={() => test.mutate()}
            >
              <Trans>Test now</Trans>
            </Button>
          )}
        </div>
        {test.data && <TestResult test={test.data} />}
        {test.error && <Failure error={test.error} title={<Trans>The test did not run</Trans>} />}
        {connection.address && (
          <div>
            <h2 className={classes.label}>
              <Trans>Address for its messages</Trans>
            </h2>
            <CopyText text={connection.address} label={t`Copy the address`} />
            <p className={classes.soft}>
              <Trans>
                Give this address to {connector?.title ?? connection.connector} where it asks for a
                webhook. Treat it like a password.
              </Trans>
            </p>
          </div>
        )}
      </section>
      {canEdit && connector && (
        <ConnectionSettings
          key={connection.id}
          connection={connection}
          connector={connector}
          onSaved={() => test.mutate()}
        />
      )}
      {connection.target === "twin" && (
        <TwinView connection={connection} title={connector?.title ?? connection.connector} />
      )}
    </div>
  );
}

/** What a twin received and holds, and a way to let it send something through the real door. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Select } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RotateCw, Send } from "lucide-react";
import { useState } from "react";
import { api } from "~/api/client.ts";
import type { Connection, NodeType, TwinCall, TwinDelivery } from "~/api/contract.ts";
import { keys, useCatalog, useTwin } from "~/api/query.ts";
import { DataViewer } from "~/runs/data/DataViewer.tsx";
import { Ago } from "~/ui/Moment.tsx";
import { Failure, LoadingRows } from "~/ui/Notice.tsx";
import { Link } from "../router.tsx";
import { useCanEdit } from "../session/session.ts";
import classes from "./connections.module.css";

interface TwinViewProps {
  connection: Connection;
  /** The vendor's name. */
  title: string;
}

export function TwinView({ connection, title }: TwinViewProps) {
  const { t } = useLingui();
  const twin = useTwin(connection.id);
  const canEdit = useCanEdit();
  return (
    <>
      {canEdit && <TwinSender connection={connection} title={title} />}
      <section className={classes.panel}>
        <div className={classes.health}>
          <h2 className={classes.label}>
            <Trans>What the twin received</Trans>
          </h2>
          <Button
            ml="auto"
            size="xs"
            variant="default"
            leftSection={<RotateCw size={14} />}
            loading={twin.isFetching}
            onClick={() => void twin.refetch()}
          >
            <Trans>Look again</Trans>
          </Button>
        </div>
        {twin.isPending && <LoadingRows rows={3} height={44} />}
        {twin.error && !twin.data && (
          <Failure error={twin.error} onRetry={() => void twin.refetch()} />
        )}
        {twin.data?.ledger.length === 0 && (
          <p className={classes.soft}>
            <Trans>Nothing yet. What your flows send to it is listed here.</Trans>
          </p>
        )}
        {twin.data && twin.data.ledger.length > 0 && (
          <ol className={classes.ledger} aria-label={t`What the twin received`}>
            {twin.data.ledger.map((call, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a ledger only grows.
              <LedgerRow key={place} call={call} />
            ))}
          </ol>
        )}
      </section>
      {twin.data && (
        <section className={classes.panel}>
          <h2 className={classes.label}>
            <Trans>What the twin holds now</Trans>
          </h2>
          <DataViewer value={twin.data.items} label={t`What the twin holds now`} />
        </section>
      )}
    </>
  );
}

function LedgerRow({ call }: { call: TwinCall }) {
  const { t } = useLingui();
  return (
    <li>
      <details className={classes.call}>
        <summary>
          <span className={classes.status} data-bad={call.status >= 400 || undefined}>
            {call.status}
          </span>
          <span className={classes.sum}>
            <span>{call.summary || `${call.method} ${call.path}`}</span>
            {call.summary && (
              <code className={classes.path}>
                {call.method} {call.path}
              </code>
            )}
          </span>
          <span className={classes.soft}>
            <Ago at={call.at} />
          </span>
        </summary>
        <DataViewer value={call.body} label={t`Body of the request`} />
      </details>
    </li>
  );
}

/** The triggers of a connector that its twin can set off. */
const sendable = (types: NodeType[], connector: string): NodeType[] =>
  types.filter(
    (type) => type.connector === connector && type.kind === "trigger" && type.source === "webhook",
  );

function TwinSender({ connection, title }: TwinViewProps) {
  const { t, i18n } = useLingui();
  const queries = useQueryClient();
  const catalog = useCatalog(i18n.locale);
  const types = sendable(catalog.data?.node_types ?? [], connection.connector);
  const [chosen, setChosen] = useState<string | null>(null);
  const type =
    types.find((candidate) => candidate.type === chosen) ??
    types.find((candidate) => candidate.type.endsWith(".order_created")) ??
    types[0];
  const send = useMutation({
    mutationFn: (name: string) => api.connections.deliver(connection.id, name),
    async onSuccess() {
      await queries.invalidateQueries({ queryKey: keys.twin(connection.id) });
      await queries.invalidateQueries({ queryKey: keys.runs });
    },
  });
  if (!type) return null;
  return (
    <section className={classes.panel}>
      <h2 className={classes.label}>
        <Trans>Let the twin send something</Trans>
      </h2>
      <p className={classes.soft}>
        <Trans>
          It goes through the same signed door as a message from the real {title}, and starts the
          flows that wait for it.
        </Trans>
      </p>
      <div className={classes.send}>
        <Select
          aria-label={t`What to send`}
          allowDeselect={false}
          data={types.map(({ type: value, title: label }) => ({ value, label }))}
          value={type.type}
          onChange={setChosen}
        />
        <Button
          leftSection={<Send size={16} />}
          loading={send.isPending}
          onClick={() => send.mutate(type.type)}
        >
          {type.type.endsWith(".order_created") ? (
            <Trans>Send a test order</Trans>
          ) : (
            <Trans>Send it</Trans>
          )}
        </Button>
      </div>
      {send.data && <Delivered delivery={send.data} />}
      {send.error && <Failure error={send.error} title={<Trans>It could not be sent</Trans>} />}
    </section>
  );
}

function Delivered({ delivery }: { delivery: TwinDelivery }) {
  const taken = delivery.status < 300;
  return (
    <p role="status" className={classes.delivered}>
      {taken && delivery.events.length > 0 && (
        <>
          <Trans>Accepted.</Trans>{" "}
          <Link className={classes.link} to="/runs">
            <Trans>See the runs it started</Trans>
          </Link>
        </>
      )}
      {taken && delivery.events.length === 0 && (
        <Trans>
          Accepted, and no published flow waits for it. Publish one that starts with it.
        </Trans>
      )}
      {!taken && (
        <Trans>
          The door answered {delivery.status}: {delivery.body_text}
        </Trans>
      )}
    </p>
  );
}

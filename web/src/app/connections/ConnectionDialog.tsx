/** Makes a connection: which connector, twin or the real account, its fields, and a real test. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Modal, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { ChevronLeft, Search } from "lucide-react";
import { useEffect, useState } from "react";
import type { Connection, Connector } from "~/api/contract.ts";
import { useCatalog } from "~/api/query.ts";
import { Failure, LoadingRows } from "~/ui/Notice.tsx";
import { ConnectorIcon } from "./ConnectorIcon.tsx";
import classes from "./connections.module.css";
import { NewConnectionForm } from "./NewConnectionForm.tsx";

interface ConnectionDialogProps {
  opened: boolean;
  onClose: () => void;
  onCreated: (connection: Connection) => void;
  /** The connector, where the place that asks already knows it. */
  connector?: string;
}

export function ConnectionDialog(props: ConnectionDialogProps) {
  const { opened, onClose, onCreated, connector: given } = props;
  const { i18n } = useLingui();
  const catalog = useCatalog(i18n.locale);
  const [chosen, setChosen] = useState<string | null>(given ?? null);
  const connector = catalog.data?.connectors.find(({ id }) => id === chosen);

  useEffect(() => {
    if (opened) setChosen(given ?? null);
  }, [opened, given]);

  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      centered
      title={
        connector ? (
          <Trans>Connect {connector.title}</Trans>
        ) : (
          <Trans>What shall be connected?</Trans>
        )
      }
    >
      {catalog.isPending && <LoadingRows rows={4} height={58} />}
      {catalog.error && !catalog.data && (
        <Failure error={catalog.error} onRetry={() => void catalog.refetch()} />
      )}
      {catalog.data && !connector && (
        <ConnectorChoice connectors={catalog.data.connectors} onChoose={setChosen} />
      )}
      {connector && (
        <Stack gap="md">
          {!given && (
            <Button
              className={classes.back}
              variant="subtle"
              color="gray"
              size="compact-sm"
              leftSection={<ChevronLeft size={15} />}
              onClick={() => setChosen(null)}
            >
              <Trans>Choose another</Trans>
            </Button>
          )}
          <NewConnectionForm
            key={connector.id}
            connector={connector}
            onCreated={onCreated}
            onClose={onClose}
          />
        </Stack>
      )}
    </Modal>
  );
}

interface ConnectorChoiceProps {
  connectors: Connector[];
  onChoose: (id: string) => void;
}

function ConnectorChoice({ connectors, onChoose }: ConnectorChoiceProps) {
  const { t, i18n } = useLingui();
  const [sought, setSought] = useState("");
  const words = sought.trim().toLocaleLowerCase();
  const shown = connectors
    .filter(({ credential_schema, twin }) => credential_schema !== null || twin)
    .filter(({ title, summary }) => `${title} ${summary}`.toLocaleLowerCase().includes(words))
    .sort((left, right) => left.title.localeCompare(right.title, i18n.locale));
  return (
    <Stack gap="sm">
      <TextInput
        type="search"
        aria-label={t`Search connectors`}
        placeholder={t`Search`}
        leftSection={<Search size={16} />}
        data-autofocus
        value={sought}
        onChange={(event) => setSought(event.currentTarget.value)}
      />
      <ul className={classes.choices} aria-label={t`Connectors`}>
        {shown.map((connector) => (
          <li key={connector.id}>
            <UnstyledButton
              className={classes.choice}
              disabled={!connector.available}
              onClick={() => onChoose(connector.id)}
            >
              <ConnectorIcon connector={connector} />
              <span className={classes.body}>
                <span className={classes.title}>{connector.title}</span>
                <span className={classes.soft}>
                  {connector.available ? connector.summary : connector.reason}
                </span>
              </span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
      {shown.length === 0 && (
        <Text c="var(--tramo-ink-soft)" role="status">
          <Trans>
            No connector is called that. Any system with an HTTP address can be reached by the “HTTP
            request” step.
          </Trans>
        </Text>
      )}
    </Stack>
  );
}

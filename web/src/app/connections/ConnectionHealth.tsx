/** Whether an account works, in a line; a test of it, and a new sign-in where it is refused. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { KeyRound, PlugZap } from "lucide-react";
import { Suspense, useState } from "react";
import { api } from "~/api/client.ts";
import type { Connection, Connector } from "~/api/contract.ts";
import { keys } from "~/api/query.ts";
import { later } from "~/ui/later.ts";
import { useProblemText } from "~/ui/problem.ts";
import { TwinBadge, UsedBy } from "./ConnectionMark.tsx";
import { ConnectionState } from "./ConnectionState.tsx";
import classes from "./connections.module.css";

const ConnectionSettings = later(async () => ({
  default: (await import("./ConnectionSettings.tsx")).ConnectionSettings,
}));

interface ConnectionHealthProps {
  connection: Connection;
  connector: Connector | undefined;
  readOnly: boolean;
}

export function ConnectionHealth({ connection, connector, readOnly }: ConnectionHealthProps) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [mending, setMending] = useState(false);
  const test = useMutation({
    mutationFn: () => api.connections.test(connection.id),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.connections }),
  });
  const wrong = test.error
    ? problemText(test.error)
    : test.data && !test.data.ok
      ? test.data.message
      : null;
  return (
    <div className={classes.underField}>
      <div className={classes.healthLine} role="status">
        <ConnectionState connection={connection} />
        {connection.target === "twin" && <TwinBadge />}
        <UsedBy connection={connection} />
      </div>
      {wrong && (
        <p className={classes.wrong} role="alert">
          {wrong}
        </p>
      )}
      {!readOnly && (
        <div className={classes.healthLine}>
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<PlugZap size={13} />}
            loading={test.isPending}
            onClick={() => test.mutate()}
          >
            <Trans>Test now</Trans>
          </Button>
          {connection.state === "refused" && connector && (
            <Button
              size="compact-xs"
              variant="light"
              color="red"
              leftSection={<KeyRound size={13} />}
              onClick={() => setMending(true)}
            >
              <Trans>Sign in again</Trans>
            </Button>
          )}
        </div>
      )}
      {mending && connector && (
        <Modal
          opened
          onClose={() => setMending(false)}
          size="lg"
          centered
          title={t`Sign in to “${connection.name}” again`}
        >
          <Suspense>
            <ConnectionSettings
              connection={connection}
              connector={connector}
              onSaved={() => {
                test.mutate();
                setMending(false);
              }}
            />
          </Suspense>
        </Modal>
      )}
    </div>
  );
}

import { Trans, useLingui } from "@lingui/react/macro";
import { Alert } from "@mantine/core";
import { CircleCheck, CircleX } from "lucide-react";
import type { ConnectionTest } from "~/api/contract.ts";

/** What the other side answered to a real test. */
export function TestResult({ test }: { test: ConnectionTest }) {
  const { t } = useLingui();
  return test.ok ? (
    <Alert
      color="green"
      role="status"
      icon={<CircleCheck size={18} />}
      title={<Trans>The connection works</Trans>}
    >
      {test.account ? (
        <Trans>The other side knows you as {test.account}.</Trans>
      ) : (
        (test.message ?? <Trans>The other side accepted it.</Trans>)
      )}
    </Alert>
  ) : (
    <Alert
      color="red"
      role="alert"
      icon={<CircleX size={18} />}
      title={<Trans>The other side did not accept it</Trans>}
    >
      {test.message ?? t`No reason was given. Check each field and test again.`}
    </Alert>
  );
}

import { Trans, useLingui } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import type { ConnectionTest } from "~/api/contract.ts";
import { Note } from "~/ui/Note.tsx";

/** What the other side answered to a real test. */
export function TestResult({ test }: { test: ConnectionTest }) {
  const { t } = useLingui();
  return test.ok ? (
    <Note tone="good" title={<Trans>The connection works</Trans>}>
      <Text size="sm">
        {test.account ? (
          <Trans>The other side knows you as {test.account}.</Trans>
        ) : (
          (test.message ?? <Trans>The other side accepted it.</Trans>)
        )}
      </Text>
    </Note>
  ) : (
    <Note tone="bad" title={<Trans>The other side did not accept it</Trans>}>
      <Text size="sm">
        {test.message ?? t`No reason was given. Check each field and test again.`}
      </Text>
    </Note>
  );
}

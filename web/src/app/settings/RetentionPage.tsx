/** The workspace's rule for how long runs, deliveries and acts are kept. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Eraser } from "lucide-react";
import { useState } from "react";
import { api } from "~/api/client.ts";
import { Confirm } from "~/ui/Confirm.tsx";
import { say } from "~/ui/toast.tsx";
import classes from "../connections/connections.module.css";
import { useIsOwner } from "../session/session.ts";
import { PageFrame } from "../shell/PageFrame.tsx";
import { RetentionForm } from "./RetentionForm.tsx";

export default function RetentionPage() {
  const { t } = useLingui();
  const isOwner = useIsOwner();
  const [asked, setAsked] = useState(false);
  const sweep = useMutation({ mutationFn: () => api.retention.sweep() });
  return (
    <PageFrame
      title={t`Keeping`}
      lead={<Trans>How long runs and their data are kept before they are removed for good.</Trans>}
      actions={
        isOwner && (
          <Button
            variant="default"
            leftSection={<Eraser size={16} />}
            loading={sweep.isPending}
            onClick={() => setAsked(true)}
          >
            <Trans>Tidy up now</Trans>
          </Button>
        )
      }
    >
      <section className={classes.panel}>
        <div className={classes.narrow}>
          <RetentionForm />
        </div>
        <Text size="sm" c="var(--tramo-ink-soft)">
          <Trans>A flow may have a rule of its own, in its settings.</Trans>
        </Text>
      </section>
      <Confirm
        opened={asked}
        onClose={() => setAsked(false)}
        onConfirm={async () => {
          await sweep.mutateAsync();
          say(t`What was over is removed.`);
        }}
        dangerous
        title={<Trans>Remove now what is over?</Trans>}
        action={<Trans>Remove it</Trans>}
      >
        <Trans>It happens by itself within the hour. What is removed does not come back.</Trans>
      </Confirm>
    </PageFrame>
  );
}

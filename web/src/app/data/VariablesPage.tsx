/** Values that every flow of the workspace reads by name, so that they are changed in one place. */
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { PencilLine, Plus, Trash, Variable as VariableIcon } from "lucide-react";
import { useState } from "react";
import { api } from "~/api/client.ts";
import type { Variable } from "~/api/desk.ts";
import { writeJson } from "~/api/json.ts";
import { keys, useVariables } from "~/api/query.ts";
import { Confirm } from "~/ui/Confirm.tsx";
import { Empty, Failure, LoadingRows } from "~/ui/Notice.tsx";
import { say } from "~/ui/toast.tsx";
import { useCanEdit } from "../session/session.ts";
import { DataFrame } from "./DataFrame.tsx";
import classes from "./data.module.css";
import { ValueDialog } from "./ValueDialog.tsx";

export default function VariablesPage() {
  const { t } = useLingui();
  const queries = useQueryClient();
  const variables = useVariables();
  const canEdit = useCanEdit();
  const [edited, setEdited] = useState<Variable | "new" | null>(null);
  const [removed, setRemoved] = useState<Variable | null>(null);
  const items = variables.items;
  const renew = () => queries.invalidateQueries({ queryKey: keys.variables });
  const add = canEdit && (
    <Button leftSection={<Plus size={17} />} onClick={() => setEdited("new")}>
      <Trans>Add a variable</Trans>
    </Button>
  );
  return (
    <DataFrame
      title={t`Variables`}
      lead={<Trans>Values that all flows read, such as a limit or an address.</Trans>}
      actions={items && items.length > 0 ? add : null}
    >
      {variables.isPending && <LoadingRows />}
      {variables.error && !items && (
        <Failure error={variables.error} onRetry={() => void variables.refetch()} />
      )}
      {items?.length === 0 && (
        <Empty
          icon={<VariableIcon size={26} />}
          title={<Trans>No variable yet</Trans>}
          action={add || null}
        >
          <Trans>A formula reads a variable by its name, as in vars.vip_limit.</Trans>
        </Empty>
      )}
      {items && items.length > 0 && (
        <ul className={classes.list} aria-label={t`Variables`}>
          {items.map((variable) => (
            <li key={variable.name} className={classes.row}>
              <code className={classes.name}>{`vars.${variable.name}`}</code>
              <span className={classes.value}>{writeJson(variable.value)}</span>
              {canEdit && (
                <Group gap={2} wrap="nowrap">
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={t`Change “${variable.name}”`}
                    onClick={() => setEdited(variable)}
                  >
                    <PencilLine size={16} />
                  </ActionIcon>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={t`Remove “${variable.name}”`}
                    onClick={() => setRemoved(variable)}
                  >
                    <Trash size={16} />
                  </ActionIcon>
                </Group>
              )}
            </li>
          ))}
        </ul>
      )}
      {edited !== null && (
        <ValueDialog
          title={edited === "new" ? t`New variable` : t`Change “${edited.name}”`}
          nameLabel={t`Name`}
          name={edited === "new" ? null : edited.name}
          value={edited === "new" ? undefined : edited.value}
          plain
          onSave={async (name, value) => {
            await api.variables.put(name, value);
            await renew();
            say(t`Saved.`);
          }}
          onClose={() => setEdited(null)}
        />
      )}
      <Confirm
        opened={removed !== null}
        onClose={() => setRemoved(null)}
        onConfirm={async () => {
          if (removed) await api.variables.remove(removed.name);
          await renew();
        }}
        dangerous
        title={<Trans>Remove this variable?</Trans>}
        action={<Trans>Remove</Trans>}
      >
        <Trans>Flows that read it fail from their next run on.</Trans>
      </Confirm>
    </DataFrame>
  );
}

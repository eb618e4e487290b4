/** Which account a node acts on: chosen from the stored ones, or connected here and now. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Select } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { Suspense, useEffect, useState } from "react";
import type { NodeType } from "~/api/contract.ts";
import { keys, useConnections } from "~/api/query.ts";
import { setField } from "~/model/edit.ts";
import type { FlowNode } from "~/model/flow.ts";
import { wordsAtField } from "~/model/problem.ts";
import { later } from "~/ui/later.ts";
import { ConnectionHealth } from "../connections/ConnectionHealth.tsx";
import { takeOnlyAccount } from "./account.ts";
import { useKnown } from "./data.ts";
import classes from "./panel.module.css";
import { useEditor, useEditorStore } from "./store.ts";

const ConnectionDialog = later(async () => ({
  default: (await import("../connections/ConnectionDialog.tsx")).ConnectionDialog,
}));

export function ConnectionField({ node, type }: { node: FlowNode; type: NodeType }) {
  const { t } = useLingui();
  const store = useEditorStore();
  const problem = useEditor((state) =>
    state.problems.find(
      (it) => it.node === node.id && it.inside === "/connection" && it.problem.level !== "todo",
    ),
  );
  const { catalog, readOnly } = useKnown();
  const queries = useQueryClient();
  const connections = useConnections();
  const [creating, setCreating] = useState(false);
  const connector = catalog.connectors.find((it) => it.id === type.connector);
  const own = connections.items?.filter((it) => it.connector === type.connector);
  const chosen = own?.find((it) => it.id === node.connection);
  const [only, ...others] = own ?? [];

  const choose = (id: string | null) => {
    const { history, perform } = store.getState();
    perform(setField(history.flow, node.id, "connection", id ?? undefined));
  };
  // Where there is one account only, there is nothing to choose.
  const obvious =
    !readOnly && type.connection === "required" && !node.connection && others.length === 0
      ? only?.id
      : undefined;
  useEffect(() => {
    if (obvious !== undefined) takeOnlyAccount(store, node.id, obvious);
  }, [obvious, store, node.id]);

  const title = connector?.title ?? type.connector;
  return (
    <div data-pointer="/connection">
      <div className={classes.account}>
        <Select
          className={classes.which}
          label={t`Account`}
          placeholder={
            own && own.length === 0 ? t`No ${title} account is connected` : t`Choose an account`
          }
          withAsterisk={type.connection === "required"}
          data={(own ?? []).map((it) => ({
            value: it.id,
            label: it.target === "twin" ? t`${it.name} (practice)` : it.name,
          }))}
          value={node.connection ?? null}
          onChange={choose}
          readOnly={readOnly}
          clearable={type.connection === "optional"}
          allowDeselect={false}
          error={
            (problem && wordsAtField(problem.problem)) ??
            (node.connection && own && !chosen
              ? t`This account is gone. Choose another.`
              : undefined)
          }
          comboboxProps={{ shadow: "md" }}
          leftSection={
            chosen && <span className={classes.light} data-state={chosen.state} aria-hidden />
          }
        />
        {!readOnly && (
          <Button
            variant="default"
            px="sm"
            leftSection={<Plus size={15} />}
            onClick={() => setCreating(true)}
          >
            <Trans>Connect</Trans>
          </Button>
        )}
      </div>
      {chosen && <ConnectionHealth connection={chosen} connector={connector} readOnly={readOnly} />}
      {creating && (
        <Suspense>
          <ConnectionDialog
            opened
            connector={type.connector}
            onClose={() => setCreating(false)}
            onCreated={(connection) => {
              choose(connection.id);
              void queries.invalidateQueries({ queryKey: keys.connections });
            }}
          />
        </Suspense>
      )}
    </div>
  );
}

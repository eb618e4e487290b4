/** One named table: its rows, found by key, changed by hand, taken in and carried away as CSV. */
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { Download, PencilLine, Plus, Search, TableProperties, Trash, Upload } from "lucide-react";
import { useState } from "react";
import { api } from "~/api/client.ts";
import type { DataRow } from "~/api/desk.ts";
import { isObject, writeJson } from "~/api/json.ts";
import { keys, useTableRows } from "~/api/query.ts";
import { Confirm } from "~/ui/Confirm.tsx";
import { Empty, Failure, LoadingRows } from "~/ui/Notice.tsx";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import { useCanEdit } from "../session/session.ts";
import { DataFrame } from "./DataFrame.tsx";
import classes from "./data.module.css";
import { ImportDialog } from "./ImportDialog.tsx";
import { ValueDialog } from "./ValueDialog.tsx";

const TYPING_PAUSE_MS = 300;
const COLUMNS = 8;

export default function TablePage({ name }: { name: string }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const canEdit = useCanEdit();
  const [typed, setTyped] = useState("");
  const [q] = useDebouncedValue(typed.trim(), TYPING_PAUSE_MS);
  const rows = useTableRows(name, q);
  const [edited, setEdited] = useState<DataRow | "new" | null>(null);
  const [removed, setRemoved] = useState<DataRow | null>(null);
  const [importing, setImporting] = useState(false);
  const items = rows.items;
  const renew = () => queries.invalidateQueries({ queryKey: keys.tables });

  return (
    <DataFrame
      title={name}
      lead={<Trans>Each row has a key of its own; a step of a flow finds it by that.</Trans>}
      actions={
        <>
          <ExportButton table={name} />
          {canEdit && (
            <>
              <Button
                variant="default"
                leftSection={<Upload size={16} />}
                onClick={() => setImporting(true)}
              >
                <Trans>Take in a CSV</Trans>
              </Button>
              <Button leftSection={<Plus size={17} />} onClick={() => setEdited("new")}>
                <Trans>Add a row</Trans>
              </Button>
            </>
          )}
        </>
      }
    >
      <div className={classes.bar}>
        <TextInput
          type="search"
          aria-label={t`Rows whose key begins with`}
          placeholder={t`Key begins with…`}
          leftSection={<Search size={16} />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </div>
      {rows.isPending && <LoadingRows height={40} />}
      {rows.error && !items && <Failure error={rows.error} onRetry={() => void rows.refetch()} />}
      {items?.length === 0 && (
        <Empty
          icon={<TableProperties size={26} />}
          title={q === "" ? <Trans>No row yet</Trans> : <Trans>No key begins like that</Trans>}
        />
      )}
      {items && items.length > 0 && (
        <RowTable
          rows={items}
          label={name}
          {...(canEdit && { onEdit: setEdited, onRemove: setRemoved })}
        />
      )}
      {rows.hasNextPage && (
        <Button
          mt="md"
          variant="default"
          loading={rows.isFetchingNextPage}
          onClick={() => void rows.fetchNextPage()}
        >
          <Trans>Show more rows</Trans>
        </Button>
      )}
      {edited !== null && (
        <ValueDialog
          title={edited === "new" ? t`New row` : t`Change “${edited.key}”`}
          nameLabel={t`Key`}
          name={edited === "new" ? null : edited.key}
          value={edited === "new" ? undefined : edited.row}
          onSave={async (key, row) => {
            await api.tables.put(name, { key, row: row as DataRow["row"] });
            await renew();
            say(t`Saved.`);
          }}
          onClose={() => setEdited(null)}
        />
      )}
      {importing && (
        <ImportDialog table={name} onDone={renew} onClose={() => setImporting(false)} />
      )}
      <Confirm
        opened={removed !== null}
        onClose={() => setRemoved(null)}
        onConfirm={async () => {
          if (removed) await api.tables.removeRow(name, removed.key);
          await renew();
        }}
        dangerous
        title={<Trans>Remove this row?</Trans>}
        action={<Trans>Remove</Trans>}
      >
        <Trans>It is gone for every flow. This cannot be undone.</Trans>
      </Confirm>
    </DataFrame>
  );
}

function ExportButton({ table }: { table: string }) {
  const problemText = useProblemText();
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const { csv } = await api.tables.giveOut(table);
      const url = URL.createObjectURL(new Blob([csv], { type: "text/csv" }));
      const link = document.createElement("a");
      link.href = url;
      link.download = `${table}.csv`;
      link.click();
      URL.revokeObjectURL(url);
    } catch (problem) {
      say(problemText(problem), "problem");
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button
      variant="default"
      leftSection={<Download size={16} />}
      loading={busy}
      onClick={() => void save()}
    >
      <Trans>Save as CSV</Trans>
    </Button>
  );
}

interface RowTableProps {
  rows: DataRow[];
  label: string;
  onEdit?: (row: DataRow) => void;
  onRemove?: (row: DataRow) => void;
}

function RowTable({ rows, label, onEdit, onRemove }: RowTableProps) {
  const { t } = useLingui();
  const fields = [...new Set(rows.flatMap(({ row }) => (isObject(row) ? Object.keys(row) : [])))];
  const columns = fields.slice(0, COLUMNS);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls by keyboard too.
    <section className={classes.scroll} aria-label={t`Rows of ${label}`} tabIndex={0}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">
              <Trans>Key</Trans>
            </th>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
            {onEdit && <td />}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <th scope="row">{row.key}</th>
              {columns.map((column) => {
                const value = row.row[column];
                return (
                  <td key={column}>
                    {value === undefined
                      ? ""
                      : typeof value === "string"
                        ? value
                        : writeJson(value)}
                  </td>
                );
              })}
              {onEdit && (
                <td>
                  <Group gap={2} wrap="nowrap" justify="flex-end">
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={t`Change “${row.key}”`}
                      onClick={() => onEdit(row)}
                    >
                      <PencilLine size={16} />
                    </ActionIcon>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={t`Remove “${row.key}”`}
                      onClick={() => onRemove?.(row)}
                    >
                      <Trash size={16} />
                    </ActionIcon>
                  </Group>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

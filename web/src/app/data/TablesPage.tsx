/** The named tables that flows read and write. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { Plus, TableProperties } from "lucide-react";
import { useState } from "react";
import { useTables } from "~/api/query.ts";
import { Ago } from "~/ui/Moment.tsx";
import { Empty, Failure, LoadingRows } from "~/ui/Notice.tsx";
import { Link, navigate } from "../router.tsx";
import { useCanEdit } from "../session/session.ts";
import { DataFrame } from "./DataFrame.tsx";
import classes from "./data.module.css";

export default function TablesPage() {
  const { t } = useLingui();
  const tables = useTables();
  const canEdit = useCanEdit();
  const [naming, setNaming] = useState(false);
  const [name, setName] = useState("");
  const items = tables.items;
  const add = canEdit && (
    <Button leftSection={<Plus size={17} />} onClick={() => setNaming(true)}>
      <Trans>Fill a new table</Trans>
    </Button>
  );
  return (
    <DataFrame
      title={t`Tables`}
      lead={<Trans>What flows keep row by row: points, waiting lists, suppliers.</Trans>}
      actions={items && items.length > 0 ? add : null}
    >
      {tables.isPending && <LoadingRows />}
      {tables.error && !items && (
        <Failure error={tables.error} onRetry={() => void tables.refetch()} />
      )}
      {items?.length === 0 && (
        <Empty
          icon={<TableProperties size={26} />}
          title={<Trans>No table yet</Trans>}
          action={add || null}
        >
          <Trans>A table is there as soon as a flow, or you, put a row into it.</Trans>
        </Empty>
      )}
      {items && items.length > 0 && (
        <ul className={classes.list} aria-label={t`Tables`}>
          {items.map((table) => (
            <li key={table.name} className={classes.row}>
              <Link className={classes.link} to={`/data/tables/${encodeURIComponent(table.name)}`}>
                {table.name}
              </Link>
              <span className={classes.soft}>
                <Plural value={table.rows} one="# row" other="# rows" />
              </span>
              <span className={classes.soft}>
                <Ago at={table.updated_at} />
              </span>
            </li>
          ))}
        </ul>
      )}
      <Modal
        opened={naming}
        onClose={() => setNaming(false)}
        title={t`What is the table called?`}
        centered
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() !== "") navigate(`/data/tables/${encodeURIComponent(name.trim())}`);
          }}
        >
          <Stack gap="md">
            <TextInput
              label={t`Name`}
              description={t`As the steps of your flows name it, such as points.`}
              maxLength={64}
              required
              data-autofocus
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button type="submit" disabled={name.trim() === ""}>
                <Trans>Open it</Trans>
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </DataFrame>
  );
}

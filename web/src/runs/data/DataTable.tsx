import { Trans } from "@lingui/react/macro";
import { Button, Table } from "@mantine/core";
import { useState } from "react";
import { isObject, type Json } from "~/api/json.ts";
import classes from "./data.module.css";
import { kindOf } from "./tree.ts";
import { Value } from "./Value.tsx";

const ROWS_AT_ONCE = 50;

interface DataTableProps {
  rows: Json[];
  columns: string[];
  label: string;
}

export function DataTable({ rows, columns, label }: DataTableProps) {
  const [shown, setShown] = useState(ROWS_AT_ONCE);
  const left = rows.length - shown;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls by keyboard too.
    <section className={classes.scroll} tabIndex={0} aria-label={label}>
      <Table className={classes.table} verticalSpacing={5} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column} scope="col">
                {column}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.slice(0, shown).map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of data are known by their place.
            <Table.Tr key={index}>
              {columns.map((column) => {
                const cell = isObject(row) ? row[column] : undefined;
                return (
                  <Table.Td key={column} data-kind={cell === undefined ? undefined : kindOf(cell)}>
                    {cell !== undefined && <Value value={cell} />}
                  </Table.Td>
                );
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {left > 0 && (
        <Button
          m="xs"
          size="xs"
          variant="default"
          onClick={() => setShown((count) => count + ROWS_AT_ONCE)}
        >
          <Trans>Show more ({left} left)</Trans>
        </Button>
      )}
    </section>
  );
}

"""The desk for named tables: what flows keep there, for people to see, fill and carry away."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, Row

from tramo.app.page import cursor_of, read_cursor
from tramo.app.role import require_editor
from tramo.engine.instant import rfc3339
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.model.value import NotExact, decode, encode
from tramo.ports.clock import Clock
from tramo.store import data_table as store
from tramo.store.database import Database

LISTED: Final = 50
IMPORTED: Final = 10_000
"""Rows of one import: all of them are written in one piece, or none."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "'")
"""What a cell of text must not begin with where a spreadsheet might take it for a formula."""


class DataTableDesk:
    """What people do with tables."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def list(self, scope: Scope) -> dict[str, Any]:
        """Return the tables by name; one is there as soon as it has a row."""
        rows = await self._database.read(lambda c: store.list_tables(c, scope.workspace_id))
        items = [
            {"name": row.table, "rows": row.rows, "updated_at": rfc3339(row.updated_at)}
            for row in rows
        ]
        return {"items": items, "next": None}

    async def rows(
        self,
        scope: Scope,
        table: str,
        q: str = "",
        limit: int = LISTED,
        cursor: str | None = None,
    ) -> dict[str, Any]:
        """Return rows by key, those whose key begins with `q`."""
        after = read_cursor(cursor)
        rows = await self._database.read(
            lambda c: store.page_rows(
                c,
                scope.workspace_id,
                table,
                limit=limit + 1,
                after=after[1] if after else "",
                search=q,
            )
        )
        more = len(rows) > limit
        return {
            "items": [_item(row) for row in rows[:limit]],
            "next": cursor_of(0, rows[limit - 1].key) if more else None,
        }

    async def put(self, scope: Scope, table: str, key: str, row: Any) -> dict[str, Any]:
        """Put a row in the place of what its key had."""
        require_editor(scope)
        now = self._clock.now_ms()
        await self._database.write(
            lambda c: store.put_row(c, scope.workspace_id, table, key, row, now)
        )
        return {"key": key, "row": row}

    async def delete(self, scope: Scope, table: str, key: str) -> None:
        """Remove a row."""
        require_editor(scope)
        done = await self._database.write(
            lambda c: store.delete_row(c, scope.workspace_id, table, key)
        )
        if not done:
            raise TramoError(
                "table.row_unknown",
                f"“{table[:64]}” has no row “{key[:80]}”.",
                status=404,
                params={"table": table[:64], "key": key[:80]},
            )

    async def drop(self, scope: Scope, table: str) -> dict[str, Any]:
        """Remove a table with all its rows."""
        require_editor(scope)
        count = await self._database.write(
            lambda c: store.delete_table(c, scope.workspace_id, table)
        )
        return {"removed": count}

    async def take_in(
        self, scope: Scope, table: str, rows: Sequence[tuple[str, Any]], *, replace: bool = False
    ) -> dict[str, Any]:
        """Put many rows in one piece; with `replace` the table has these and no others."""
        require_editor(scope)
        if len(rows) > IMPORTED:
            raise TramoError(
                "table.import_large",
                f"At most {IMPORTED:,} rows are taken in at once; cut them into parts.",
                status=413,
                params={"most": IMPORTED},
            )
        now = self._clock.now_ms()

        def write(connection: Connection) -> None:
            if replace:
                store.delete_table(connection, scope.workspace_id, table)
            store.put_rows(connection, scope.workspace_id, table, rows, now)

        await self._database.write(write)
        return {"rows": len({key for key, _ in rows})}

    async def give_out(self, scope: Scope, table: str) -> list[dict[str, Any]]:
        """Return all rows by key, as `take_in` takes them."""
        most = store.ROWS_SEARCHED
        rows = await self._database.read(
            lambda c: store.page_rows(c, scope.workspace_id, table, limit=most + 1)
        )
        if len(rows) > most:
            raise TramoError(
                "table.large",
                f"“{table}” has more than {most:,} rows, too many to hand out at once.",
                params={"table": table, "most": most},
            )
        return [{"key": row.key, "row": decode(row.row)} for row in rows]


def _item(row: Row[Any]) -> dict[str, Any]:
    return {
        "key": row.key,
        "row": decode(row.row),
        "created_at": rfc3339(row.created_at),
        "updated_at": rfc3339(row.updated_at),
    }


# CSV ---------------------------------------------------------------------------------------------


def read_csv(text: str, *, key: str, numbers: Sequence[str] = ()) -> list[tuple[str, Any]]:
    """Read rows from CSV with a line of names: texts, but numbers in the columns named so.

    Nothing is guessed, so that 00123 stays a text. An empty cell is no field; `'` in front of a
    cell, as spreadsheets write it, is left out. Raises TramoError that names line and column.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        columns = list(reader.fieldnames or ())
        for name in (key, *numbers):
            if name not in columns:
                raise TramoError(
                    "table.csv_column",
                    f"There is no column “{name[:80]}”; the first line names "
                    f"{', '.join(columns)[:200] or 'none'}.",
                    params={"name": name[:80], "columns": ", ".join(columns)[:200]},
                )
        return [
            (_cell(row.get(key) or ""), _fields(row, key, numbers, reader.line_num))
            for row in reader
        ]
    except csv.Error as error:
        raise _unreadable(reader.line_num, str(error)) from None


def _fields(
    row: Mapping[str | None, Any], key: str, numbers: Sequence[str], line: int
) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, cell in row.items():
        if name is None or not isinstance(cell, str | None):
            raise _unreadable(line, "more cells than names")
        if name == key or not cell:
            continue
        fields[name] = _number(cell, name, line) if name in numbers else _cell(cell)
    return fields


def _cell(cell: str) -> str:
    return cell.removeprefix("'")


def _number(cell: str, name: str, line: int) -> int | Decimal:
    try:
        value = decode(_cell(cell).strip())
    except NotExact:
        value = None
    if type(value) is int or type(value) is Decimal:
        return value
    raise TramoError(
        "table.csv_number",
        f"Line {line}, “{name}”: “{cell[:40]}” is no number; write it as 1234.50.",
        params={"line": line, "name": name, "found": cell[:40]},
    )


def _unreadable(line: int, detail: str) -> TramoError:
    return TramoError(
        "table.csv",
        f"Line {line} of the CSV cannot be read: {detail}.",
        params={"line": line, "detail": detail},
    )


def write_csv(rows: Sequence[Mapping[str, Any]], table: str) -> str:
    """Write rows as CSV: the key first, then every field; lists and objects are JSON.

    Raises TramoError for rows with a field named key, which CSV could not tell apart.
    """
    names = list(dict.fromkeys(name for item in rows for name in item["row"]))
    if "key" in names:
        raise TramoError(
            "table.csv_key",
            f"Rows of “{table}” have a field named key; take them out as JSON.",
            params={"table": table},
        )
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["key", *names])
    writer.writerows(
        [_written(item["key"]), *(_written(item["row"].get(name)) for name in names)]
        for item in rows
    )
    return out.getvalue()


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return encode(value).decode()

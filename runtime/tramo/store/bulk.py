"""Many rows by one statement: what the hot path writes.

A statement a row would ask the database for each of them; in the embedded store each of those
calls also hands the interpreter's lock over and has to wait to get it back. So the rows travel
together: as `VALUES` in SQLite, as one array a column in PostgreSQL. Values go to the driver as
they are and must be of its own kinds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Column, Connection, Table
from sqlalchemy.exc import OperationalError

Row = tuple[Any, ...]

PARAMETERS: Final = 32_000
"""SQLite takes 32,766 in a statement."""
CHUNKS: Final = (256, 128, 64, 32, 16, 8, 4, 2, 1)
"""Rows in a statement: few sizes, so that the driver keeps all of them prepared."""


class Bulk:
    """A statement around many rows: `before` and `after` are SQL, the rows stand between them.

    `named`: they stand there as a table whose columns have the names of `columns`.
    """

    def __init__(
        self, before: str, columns: Sequence[Column[Any]], after: str = "", *, named: bool = False
    ) -> None:
        self._before = before
        self._after = after
        self._names = [column.name for column in columns] if named else []
        self._row = f"({','.join('?' * len(columns))})"
        self._chunks = [size for size in CHUNKS if size * len(columns) <= PARAMETERS]
        self._columns = columns
        self._spelled: dict[int, str] = {}

    def execute(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Write the rows and return how many were written or changed."""
        if not rows:
            return 0
        if connection.dialect.name == "sqlite":
            return self._by_values(connection, rows)
        return self._by_arrays(connection, rows)

    def _by_values(self, connection: Connection, rows: Sequence[Row]) -> int:
        # Past SQLAlchemy's own cursor, which takes longer than the statement.
        driver: Any = connection.connection.driver_connection
        written, start = 0, 0
        for size in self._chunks:
            while len(rows) - start >= size:
                values = [value for row in rows[start : start + size] for value in row]
                sql = self.spell(size)
                try:
                    written += driver.execute(sql, values).rowcount
                except sqlite3.OperationalError as error:  # As whoever asked expects it.
                    raise OperationalError(sql, None, error) from error
                start += size
        return written

    def spell(self, size: int) -> str:
        """Return the statement around so many rows, as SQLite takes it."""
        sql = self._spelled.get(size)
        if sql is None:
            rows = f"VALUES {','.join([self._row] * size)}"
            if self._names:
                named = ",".join(f"column{n} AS {name}" for n, name in enumerate(self._names, 1))
                rows = f"(SELECT {named} FROM ({rows}))"  # noqa: S608 - names of columns
            sql = self._spelled[size] = f"{self._before} {rows} {self._after}"
        return sql

    def _by_arrays(self, connection: Connection, rows: Sequence[Row]) -> int:
        sql = self._spelled.get(0)
        if sql is None:
            arrays = ", ".join(
                f"${number}::{column.type.compile(connection.dialect).partition('(')[0]}[]"
                for number, column in enumerate(self._columns, 1)
            )
            table = f"SELECT * FROM unnest({arrays})"  # noqa: S608 - numbers and types
            if self._names:
                table = f"({table} AS v ({', '.join(self._names)}))"
            sql = self._spelled[0] = f"{self._before} {table} {self._after}"
        columns = tuple(list(values) for values in zip(*rows, strict=True))
        return connection.exec_driver_sql(sql, columns).rowcount


def insert_rows(into: Table, *, unless_known: bool = False) -> Bulk:
    """Return the statement that inserts rows with a value for every column, in their order.

    `unless_known` passes over those that a unique index has already.
    """
    names = ", ".join(f'"{column.name}"' for column in into.columns)
    after = "ON CONFLICT DO NOTHING" if unless_known else ""
    return Bulk(f'INSERT INTO "{into.name}" ({names})', list(into.columns), after)

"""From an older Tramo's file to today's tables: what is there stays, what is missing is added.

A file says which format it has. Between formats columns and tables are only added, each with a
default or null, so that rows written before read as if nobody had chosen anything; a table whose
constraints had to change is made anew and its rows copied. All of it is one transaction: a start
that is killed finds the file as it was.
"""

from __future__ import annotations

import zlib
from itertools import groupby
from typing import Final

from sqlalchemy import Connection, MetaData, Table, insert, inspect, select, text, update
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table
from sqlalchemy.schema import CreateColumn, CreateTable

from tramo.model.problem import TramoError
from tramo.model.value import decode, encode
from tramo.store import table
from tramo.store.table import SCHEMA_VERSION, metadata

REMADE: Final[dict[int, tuple[str, ...]]] = {3: ("event", "segment")}
"""Tables whose constraints changed, by the first format that has them so."""

SHAPE: Final = (
    zlib.crc32(
        " ".join(
            f"{of.name}.{part.name}"
            for of in metadata.sorted_tables
            for part in (*of.columns, *sorted(of.indexes, key=lambda index: str(index.name)))
        ).encode()
    )
    & 0x7FFF_FFFF
)
"""The names of all tables, columns and indexes as a number: between two formats they grow, and
opening a file that has them all costs no look at each."""


def prepare(connection: Connection) -> None:
    """Make the tables of a new file, bring those of an older one up to date, refuse a newer one's.

    Raises TramoError for a file that a newer Tramo wrote.
    """
    if connection.dialect.name != "sqlite":
        with connection.begin():
            metadata.create_all(connection)
        return
    found = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    shape = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    connection.rollback()
    if found > SCHEMA_VERSION:
        raise TramoError(
            "store.newer",
            f"This data folder was written by a newer Tramo (format {found}, this one knows "
            f"{SCHEMA_VERSION}). Start the newer version.",
        )
    if (found, shape) == (SCHEMA_VERSION, SHAPE):
        return
    with connection.begin():
        for version, names in sorted(REMADE.items()):
            if 0 < found < version:
                for name in names:
                    _remake(connection, metadata.tables[name])
        metadata.create_all(connection)
        widen(connection, metadata)
        connection.exec_driver_sql("DROP INDEX IF EXISTS run_by_flow")
        if 0 < found < 3:
            _gather_keys(connection)
        connection.exec_driver_sql(f"PRAGMA user_version={SCHEMA_VERSION}")
        connection.exec_driver_sql(f"PRAGMA application_id={SHAPE}")


def widen(connection: Connection, wanted: MetaData) -> None:
    """Add the columns and indexes that tables lack.

    Raises ValueError, before anything is changed, for a column that rows written before it cannot
    have.
    """
    there = inspect(connection)
    missing = [
        column
        for of in wanted.sorted_tables
        for known in [{column["name"] for column in there.get_columns(of.name)}]
        for column in of.columns
        if column.name not in known
    ]
    for column in missing:
        if not column.nullable and column.server_default is None:
            raise ValueError(f"{column} needs a server_default, or null, for rows before it")
    for column in missing:
        spelled = CreateColumn(column).compile(dialect=connection.dialect)
        connection.exec_driver_sql(f'ALTER TABLE "{column.table.name}" ADD COLUMN {spelled}')
    for of in wanted.sorted_tables:
        for index in of.indexes:
            index.create(connection, checkfirst=True)


def _gather_keys(connection: Connection) -> None:
    """Note in each run's row the keys that its steps added, which only the index knew."""
    r, k = table.run.c, table.run_key.c
    rows = connection.execute(
        select(k.run_id, k.kind, k.value, k.connection_id).order_by(k.run_id)
    ).all()
    for run_id, group in groupby(rows, key=lambda row: row.run_id):
        found = connection.execute(select(r["keys"]).where(r.id == run_id)).scalar()
        known = [] if found is None else decode(found)
        every = [*known, *(key for row in group if (key := list(row[1:])) not in known)]
        if len(every) > len(known):
            connection.execute(
                update(table.run).where(r.id == run_id).values({r["keys"]: encode(every)})
            )


def _remake(connection: Connection, of: Table) -> None:
    """Give a table the constraints it has today; its rows stay."""
    there = inspect(connection)
    for index in there.get_indexes(of.name):
        connection.execute(text(f'DROP INDEX "{index["name"]}"'))
    known = {column["name"] for column in there.get_columns(of.name)}
    shared = [column.name for column in of.columns if column.name in known]
    before = f"{of.name}_before"
    connection.exec_driver_sql(f'ALTER TABLE "{of.name}" RENAME TO "{before}"')
    connection.execute(CreateTable(of))
    old = sql_table(before, *(sql_column(name) for name in shared))
    connection.execute(insert(of).from_select(shared, select(*old.c)))
    connection.exec_driver_sql(f'DROP TABLE "{before}"')

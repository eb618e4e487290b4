"""The door to the tables: a new database gets today's, an older one is brought up to date, a newer
one is refused.

A database says its format, which is the name of the last revision that it went through, as
`format.oldest`: what `oldest` is good for, README.md in `migration/` says. One at today's format
costs a query at start. Everything else happens in one transaction, so that a start that is killed
finds the database as it was; on PostgreSQL one server does it while the others wait.
"""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import Column, Connection, MetaData, String, Table, delete, insert, inspect, select
from sqlalchemy.exc import DBAPIError

from tramo.model.problem import TramoError
from tramo.store.table import metadata

HEAD: Final = "4.4"
"""The newest revision in `migration/revision`."""

MARK: Final = Table(
    "alembic_version", MetaData(), Column("version_num", String(32), primary_key=True)
)
"""Alembic's own, so that its tools know where a database stands."""

ADVISORY_KEY: Final = 0x7472616D6F
"""Which of a PostgreSQL database's advisory locks says that somebody changes its tables."""
TURN_S: Final = 120
"""How long a server waits for another one that changes the tables."""
TABLE_S: Final = 10
"""How long a change waits for those who use a table; everybody else queues behind it."""
LOCK_TIMEOUT: Final = "55P03"


class Standing(msgspec.Struct, frozen=True):
    """Where a database stands."""

    format: int
    """0 for one that is yet to be made."""
    after: str | None = None
    """The last revision that it has been through for certain."""

    @property
    def ready(self) -> bool:
        """Whether this Tramo can work on it as it is."""
        return self.after is not None and number_of(self.after) >= number_of(HEAD)


def number_of(revision: str) -> int:
    """Return the format that a revision leads to."""
    return int(revision.partition(".")[0])


def prepare(connection: Connection) -> None:
    """Make the tables of a new database, bring an older one's up to date, refuse a newer one's.

    Raises TramoError for a database of a newer Tramo or of another program, and where others hold
    the tables too long.
    """
    try:
        found = _read_mark(connection)
    finally:
        connection.rollback()
    if found is not None and _checked(connection, found).ready:
        return
    try:
        with connection.begin():
            _take_turn(connection)
            _change(connection)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == LOCK_TIMEOUT:
            raise _busy() from None
        raise


def look(connection: Connection) -> Standing:
    """Return where a database stands; changes nothing. Raises what `prepare` raises."""
    there = inspect(connection)
    if there.has_table(MARK.name):
        found = connection.execute(select(MARK.c.version_num)).scalar()
        if found is not None:
            return _checked(connection, found)
    before = _format_before_revisions(connection)
    if before:
        # Such formats grew while they were made: a file may lack what its own revision adds.
        return Standing(before, f"{before - 1}.{before - 1}" if before > 1 else None)
    ours = set(metadata.tables)
    known = ours.intersection(there.get_table_names())
    if known and known != ours:
        raise TramoError(
            "store.foreign",
            f"The database holds tables of another program ({', '.join(sorted(known)[:3])}). Give "
            "Tramo a database of its own.",
        )
    return Standing(0)


def _read_mark(connection: Connection) -> str | None:
    try:
        return connection.execute(select(MARK.c.version_num)).scalar()
    except DBAPIError:
        connection.rollback()
        if inspect(connection).has_table(MARK.name):
            raise
        return None


def _checked(connection: Connection, found: str) -> Standing:
    """Return where a database stands; raises TramoError for one of a newer Tramo."""
    number, _, oldest = found.partition(".")
    if not (number.isdecimal() and oldest.isdecimal()):
        raise TramoError(
            "store.foreign",
            f"The database is kept by another program (at its revision {found}). Give Tramo a "
            "database of its own.",
        )
    if int(oldest) > number_of(HEAD):
        what = "data folder" if connection.dialect.name == "sqlite" else "database"
        raise TramoError(
            "store.newer",
            f"This {what} was written by a newer Tramo (format {number}, this one knows "
            f"{number_of(HEAD)}). Start the newer version.",
        )
    return Standing(int(number), found)


def _format_before_revisions(connection: Connection) -> int:
    """Return the format of a file from before there were revisions; 0 for none."""
    if connection.dialect.name != "sqlite":
        return 0
    found = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if found >= number_of(HEAD):
        _checked(connection, f"{found}.{found}")
    return found


def _take_turn(connection: Connection) -> None:
    """On PostgreSQL, wait until no other server changes the tables; SQLite has one process."""
    if connection.dialect.name == "sqlite":
        return
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{TURN_S}s'")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_KEY})")
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{TABLE_S}s'")


def _change(connection: Connection) -> None:
    standing = look(connection)  # Another server may have done it meanwhile.
    if standing.ready:
        return
    if not standing.format:
        metadata.create_all(connection)
    else:
        # Only here: to import Alembic takes most of a second.
        from tramo.store.migration.climb import climb

        climb(connection, standing.after)
    MARK.create(connection, checkfirst=True)
    connection.execute(delete(MARK))
    connection.execute(insert(MARK).values(version_num=HEAD))
    if connection.dialect.name == "sqlite":
        # What a Tramo from before there were revisions looks at, and refuses.
        connection.exec_driver_sql(f"PRAGMA user_version={HEAD.partition('.')[2]}")


def _busy() -> TramoError:
    return TramoError(
        "store.tables_in_use",
        f"The tables of the database could not be changed: another Tramo changes them for more "
        f"than {TURN_S} s, or something holds one of them for more than {TABLE_S} s, such as an "
        "open transaction or a dump. Nothing was changed; start again when it is over.",
    )

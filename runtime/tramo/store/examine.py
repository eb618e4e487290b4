"""Looking at a database from beside, for `tramo doctor`: nothing is opened for writing.

See `store/snapshot.py` for why a reader beside a server is safe.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import msgspec

from tramo.store.snapshot import damaged, open_read_only


class SqliteFacts(msgspec.Struct, kw_only=True):
    """What was found in a SQLite file."""

    whole: bool
    """It was read to its end in the time there was."""
    size: int
    newest: int
    """The newest instant in it, in milliseconds since the epoch; 0 for none."""
    boxes: list[bytes]
    """What is sealed with the master key."""
    epochs: int


def is_affected(version: tuple[int, ...]) -> bool:
    """Tell whether a SQLite may corrupt a file that two connections write and checkpoint."""
    fixed = version >= (3, 51, 3) or version in ((3, 50, 7), (3, 44, 6))
    return version >= (3, 7, 0) and not fixed


def examine_sqlite(
    path: Path, *, in_use: bool, opened: Callable[[Callable[[], None]], None]
) -> SqliteFacts:
    """Read a file; raises TramoError for one that is damaged.

    `opened` is given what interrupts the reading, to be called from another thread. A file that
    nobody has open and that has no log is read as it lies, so that nothing appears beside it.
    """
    log = path.with_name(f"{path.name}-wal")
    still = not in_use and not (log.exists() and log.stat().st_size)
    try:
        with closing(open_read_only(path, still=still)) as found:
            opened(found.interrupt)
            return _facts(path, found)
    except sqlite3.DatabaseError as error:
        raise damaged(path, str(error)) from None


def _facts(path: Path, connection: sqlite3.Connection) -> SqliteFacts:
    def one(query: str) -> Any:
        row = connection.execute(query).fetchone()
        return row[0] if row else None

    there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    boxes = [row[0] for row in connection.execute(_BOXES)] if "connection" in there else []
    facts = SqliteFacts(
        whole=False,
        size=path.stat().st_size,
        newest=one(_NEWEST) or 0 if "event" in there else 0,
        boxes=boxes,
        epochs=one("SELECT count(*) FROM epoch") if "epoch" in there else 0,
    )
    try:
        problems = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
    except sqlite3.OperationalError as error:
        if "interrupt" in str(error):
            return facts
        raise
    if problems != ["ok"]:
        raise damaged(path, "; ".join(" ".join(line.split()) for line in problems))
    facts.whole = True
    return facts


_BOXES: Final = "SELECT sealed FROM connection WHERE deleted_at IS NULL"
_NEWEST: Final = "SELECT received_at FROM event ORDER BY id DESC LIMIT 1"
"""Ids begin with the time at which they were made."""


class PostgresqlFacts(msgspec.Struct, kw_only=True):
    """What was found out about a PostgreSQL database."""

    version: int
    """As PostgreSQL numbers it: 150004 is 15.4."""
    now_ms: int
    may_create: bool
    """Its user may make tables."""
    may_write: bool
    """It is no standby, and not set to read-only."""
    connections: int
    most_connections: int
    synchronous: str
    """The server's `fsync`: off loses what was acknowledged when the power fails."""
    boxes: list[bytes]
    encoding: str


async def examine_postgresql(url: str, *, within_s: float) -> PostgresqlFacts:
    """Ask a PostgreSQL database about itself; raises OSError, TimeoutError or asyncpg's errors."""
    import asyncpg  # An extra.

    plain = url.replace("postgresql+asyncpg://", "postgresql://", 1)
    connection = await asyncpg.connect(plain, timeout=within_s, command_timeout=within_s)  # type: ignore[arg-type] - fractions are fine
    try:
        row = await connection.fetchrow(_ABOUT)
        boxes = []
        if await connection.fetchval("SELECT to_regclass('connection') IS NOT NULL"):
            boxes = [bytes(found["sealed"]) for found in await connection.fetch(_BOXES)]
        return PostgresqlFacts(**dict(row), boxes=boxes)
    finally:
        await connection.close(timeout=within_s)


_ABOUT: Final = """
SELECT current_setting('server_version_num')::int AS version,
       (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms,
       has_schema_privilege(current_schema(), 'CREATE') AS may_create,
       NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off' AS may_write,
       (SELECT count(*) FROM pg_stat_activity)::int AS connections,
       current_setting('max_connections')::int AS most_connections,
       current_setting('fsync') AS synchronous,
       current_setting('server_encoding') AS encoding
"""

"""The shared home: a PostgreSQL database that any number of processes have open.

The store's functions are the same synchronous ones as for SQLite. Here they run in threads of ours
that have an event loop each, in which SQLAlchemy drives asyncpg. Nothing can cancel them half way,
so no connection is ever lost to a caller that went away; a connection that broke is made anew.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, StatementError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.util import greenlet_spawn

from tramo.model.problem import TramoError
from tramo.store.blob import BlobFolder
from tramo.store.commit import StoreUnavailable, hindered, lost
from tramo.store.nul import keep_nul_out
from tramo.store.upgrade import prepare

T = TypeVar("T")

CONNECT_S: Final = 5.0
STATEMENT_MS: Final = 30_000
READING: Final = {
    "default_transaction_read_only": "on",
    # A function of several questions sees one moment, as it does on SQLite.
    "default_transaction_isolation": "repeatable read",
    "statement_timeout": str(STATEMENT_MS),
}
WRITING: Final = {
    # 2xx means that it is on the disk, whatever the server is set to.
    "synchronous_commit": "on",
    # Whoever takes the pen must see what the one before wrote.
    "default_transaction_isolation": "read committed",
    "statement_timeout": str(STATEMENT_MS),
    "idle_in_transaction_session_timeout": str(STATEMENT_MS),
}


class PostgresqlHome:
    """An open database."""

    kind = "postgresql"
    shared = True
    readers = 4
    call_scribe = None
    blobs: BlobFolder | None = None  # PostgreSQL itself keeps big values out of their rows.

    def __init__(self, url: str) -> None:
        self._url = _driven(url)
        self._local = threading.local()
        self._read_lines: list[_Line] = []
        # Kept for whoever commits: a line that breaks is mended there, one that never was is not.
        self._writing = _Line(self._url, WRITING)
        try:
            self._writing.run(prepare)
        except (OSError, DBAPIError) as error:
            self._writing.close()
            where = self._url.set(drivername="postgresql").render_as_string(hide_password=True)
            raise TramoError(
                "store.unreachable",
                f"The database at {where} cannot be used "
                f"({getattr(error, 'orig', None) or error}). Check that it is running and that "
                "TRAMO_DATABASE names it; `tramo doctor` tells more.",
                status=503,
            ) from None
        except BaseException:
            self._writing.close()
            raise

    def write(self, work: Callable[[Connection], None]) -> None:
        """Run `work` with the writing connection, in this thread; it is made anew when it breaks.
        Once, for then it is closed."""
        try:
            self._writing.run(work)
        finally:
            self._writing.close()

    def read(self, function: Callable[[Connection], T]) -> T:
        """Run `function` with this thread's own reading connection; raises StoreUnavailable."""
        if not hasattr(self._local, "line"):
            self._local.line = _Line(self._url, READING)
            self._read_lines.append(self._local.line)
        line: _Line = self._local.line
        try:
            try:
                return line.run(lambda c: _look(c, function))
            except Exception as error:
                if not lost(error):
                    raise
            return line.run(lambda c: _look(c, function))  # The first may only have been stale.
        except (OSError, StatementError) as error:
            if not (lost(error) or hindered(error)):
                raise
            raise StoreUnavailable(str(getattr(error, "orig", None) or error)) from error

    def close(self) -> None:
        """Let go of every connection; the threads that read are over."""
        for line in self._read_lines:
            line.close()


class _Line:
    """A thread's own connection, with the event loop that its driver needs."""

    def __init__(self, url: Any, options: dict[str, str]) -> None:
        self._loop = asyncio.new_event_loop()
        engine = create_async_engine(
            url,
            poolclass=NullPool,
            connect_args={
                "server_settings": {"application_name": "tramo", "timezone": "UTC", **options},
                "timeout": CONNECT_S,
            },
        )
        self._engine = engine.sync_engine
        keep_nul_out(self._engine)
        self._connection: Connection | None = None

    def run(self, function: Callable[[Connection], T]) -> T:
        return self._loop.run_until_complete(greenlet_spawn(lambda: function(self._connected())))

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def close(self) -> None:
        def leave() -> None:
            if self._connection is not None:
                self._connection.close()
            self._engine.dispose()

        try:
            self._loop.run_until_complete(greenlet_spawn(leave))
        finally:
            self._loop.close()


def _look(connection: Connection, function: Callable[[Connection], T]) -> T:
    try:
        return function(connection)
    finally:
        connection.rollback()


def _driven(url: str) -> Any:
    """Return the address with the driver that we use; raises TramoError for what is none."""
    try:
        found = make_url(url)
    except ArgumentError:
        found = None
    if found is None or found.get_backend_name() not in ("postgresql", "postgres"):
        raise TramoError(
            "setting.database",
            "TRAMO_DATABASE must be an address such as postgresql://user:password@host:5432/tramo; "
            "leave it out to keep everything in a file of the data folder.",
        )
    return found.set(drivername="postgresql+asyncpg")

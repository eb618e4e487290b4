"""The embedded home: one SQLite file, one process and its scribe, which write in turn.

SQLite 3.7.0–3.51.2 may lose or corrupt pages when one connection resets the write-ahead log while
another checkpoints. The race cannot occur here: a lock file keeps other processes out, the two
connections that write and checkpoint, the thread's and the scribe's, never do so at the same time
(`committer.py`), and readers are `query_only` with automatic checkpoints off.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from tramo.store.blob import BlobFolder
from tramo.store.dictation import SCRIPT
from tramo.store.lock import ORPHAN_S, FileLock
from tramo.store.scribe import Hear, Scribe
from tramo.store.scribe_process import Orders
from tramo.store.soundness import OPEN, THERE, check_file, explained, note
from tramo.store.upgrade import prepare

T = TypeVar("T")

FILE_NAME: Final = "tramo.sqlite3"
BUSY_MS: Final = 30_000
TIDY_MS: Final = 500
SPARE_PAGES: Final = 1_000
"""Free pages that are kept for what comes next, besides a tenth of the file."""
SHRUNK_PAGES: Final = 200
"""Free pages that one commit gives back."""

EMPTY_LOG: Final = (
    f"PRAGMA busy_timeout={TIDY_MS}",  # A long read must not hold up the commits.
    "PRAGMA wal_checkpoint(TRUNCATE)",
    f"PRAGMA busy_timeout={BUSY_MS}",
)


class SqliteHome:
    """An open file."""

    kind = "sqlite"
    shared = False
    readers = 2

    def __init__(self, folder: Path, *, synchronous: str = "FULL") -> None:
        self.blobs: BlobFolder | None = BlobFolder(folder / "blobs")
        self._lock = FileLock(folder / "tramo.lock")
        self._path = path = folder / FILE_NAME
        self._pragmas = _writing(synchronous)
        try:
            self._lock.acquire(ORPHAN_S)
            left = self._lock.read()
            check_file(path, left)
            if left == OPEN:
                note(self._lock, THERE)  # Opening it may fold the log into the file.
            self._engine = _engine(path, (*_FILE, *self._pragmas), self.blobs)
            self._read_engine = _engine(path, _READING, self.blobs)
            with self._engine.connect() as connection:
                prepare(connection)
        except BaseException as error:  # noqa: BLE001 - it is raised again, in words
            self._lock.release()
            raise explained(error, path) from None
        note(self._lock, THERE)
        self._local = threading.local()
        self._read_connections: list[Connection] = []

    def write(self, work: Callable[[Connection], None]) -> None:
        """Run `work` with the writing connection, in this thread."""
        with self._engine.connect() as connection:
            note(self._lock, OPEN)
            try:
                work(connection)
            finally:
                note(self._lock, THERE)

    def read(self, function: Callable[[Connection], T]) -> T:
        """Run `function` with this thread's own reading connection."""
        if not hasattr(self._local, "connection"):
            self._local.connection = self._read_engine.connect()
            self._read_connections.append(self._local.connection)
        connection: Connection = self._local.connection
        try:
            return function(connection)
        finally:
            connection.rollback()

    def call_scribe(self, hear: Hear) -> Scribe:
        """Start the process that writes what is dictated to it, in turn with `write`."""
        # With the lock: were this process killed, none may come in before the scribe is gone.
        orders = Orders(str(self._path), self._pragmas, SCRIPT)
        return Scribe(orders, hear, keeps=self._lock.descriptor)

    def close(self) -> None:
        """Fold the log into the file, and let other processes in."""
        for connection in self._read_connections:
            connection.close()
        self._read_engine.dispose()
        full = suppress(sqlite3.OperationalError, OperationalError)
        with full, self._engine.connect() as connection:  # On a full disk the log stays.
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._engine.dispose()
        self._lock.release()


def shrink(connection: Connection) -> bool:
    """Cut some free pages off the end of the file; tell whether there are more."""

    def ask(name: str) -> int:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()

    free, pages = ask("freelist_count"), ask("page_count")
    if ask("auto_vacuum") != 2 or free <= SPARE_PAGES + pages // 10:
        return False
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA incremental_vacuum({SHRUNK_PAGES})").fetchall()  # A page each row.
    return ask("freelist_count") < free


def _engine(path: Path, pragmas: Sequence[str], blobs: BlobFolder) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}", poolclass=NullPool, connect_args={"check_same_thread": False}
    )
    # Columns of packed bodies read those that are blobs through this.
    engine.dialect.blobs = blobs.get_now  # type: ignore[attr-defined]

    @event.listens_for(engine, "connect")
    def connected(driver: sqlite3.Connection, _record: Any) -> None:
        # The driver's own transaction handling begins late and deferred; `begin` below is explicit.
        driver.isolation_level = None
        for pragma in pragmas:
            driver.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = "BEGIN IMMEDIATE" if pragmas is not _READING else "BEGIN"
        connection.exec_driver_sql(mode)

    return engine


_FILE: Final = (
    # Before all else, for only a file without tables learns these: larger pages, of which bodies of
    # a kilobyte waste less, and to give back what it does not need any more. Some of it writes.
    "PRAGMA page_size=8192",
    "PRAGMA auto_vacuum=INCREMENTAL",
    "PRAGMA journal_mode=WAL",
)


def _writing(synchronous: str) -> tuple[str, ...]:
    """Return what a connection is told that writes, this process's own and the scribe's."""
    return (
        f"PRAGMA synchronous={synchronous}",
        "PRAGMA foreign_keys=ON",
        f"PRAGMA busy_timeout={BUSY_MS}",
        # Removed rows are overwritten where that costs no further write; the sweeper, which
        # removes whole pages, asks for more.
        "PRAGMA secure_delete=FAST",
        "PRAGMA wal_autocheckpoint=4000",
        "PRAGMA cache_size=-16000",
        "PRAGMA temp_store=MEMORY",
    )


_READING: Final = (
    "PRAGMA query_only=ON",
    "PRAGMA wal_autocheckpoint=0",
    "PRAGMA busy_timeout=5000",
    "PRAGMA cache_size=-4000",
)

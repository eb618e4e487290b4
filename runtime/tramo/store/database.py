"""The SQLite file: one writing connection in one thread, a few read-only ones beside it.

SQLite 3.7.0–3.51.2 may lose or corrupt pages when one connection resets the write-ahead log while
another checkpoints. The race cannot occur here: a lock file keeps other processes out, one
connection writes and checkpoints, and readers are `query_only` with automatic checkpoints off.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import NullPool

from tramo.store.blob import BlobFolder
from tramo.store.commit import Call, Committer, Unit, Upkeep
from tramo.store.lock import FileLock
from tramo.store.upgrade import prepare

T = TypeVar("T")

FILE_NAME = "tramo.sqlite3"
READERS = 2
BUSY_MS = 30_000
TIDY_MS = 500
SPARE_PAGES = 1_000
"""Free pages that are kept for what comes next, besides a tenth of the file."""
SHRUNK_PAGES = 200
"""Free pages that one commit gives back."""


class Database:
    """An open store. Use `async with open_database(folder)`."""

    def __init__(self, folder: Path, *, synchronous: str = "FULL") -> None:
        self.folder = folder
        self._lock = FileLock(folder / "tramo.lock")
        self._lock.acquire()
        path = folder / FILE_NAME
        self.blobs = BlobFolder(folder / "blobs")
        try:
            self._engine = _engine(path, _writing(synchronous), self.blobs)
            self._read_engine = _engine(path, _reading, self.blobs)
            with self._engine.connect() as connection:
                prepare(connection)
            self._committer = Committer(self._engine)
        except BaseException:
            self._lock.release()
            raise
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="tramo-read")
        self._local = threading.local()
        self._read_connections: list[Connection] = []

    @property
    def committer(self) -> Committer:
        return self._committer

    def submit(self, unit: Unit[T]) -> asyncio.Future[T]:
        """Queue a unit for the group commit."""
        return self._committer.submit(unit)

    async def write(self, function: Callable[[Connection], T]) -> T:
        """Run `function` on the writing connection; return after the durable commit."""
        return await self._committer.submit(Call(function))

    async def read(self, function: Callable[[Connection], T]) -> T:
        """Run `function` on a read-only connection in a thread."""
        return await asyncio.get_running_loop().run_in_executor(
            self._readers, self._read_in_thread, function
        )

    def _read_in_thread(self, function: Callable[[Connection], T]) -> T:
        if not hasattr(self._local, "connection"):
            self._local.connection = self._read_engine.connect()
            self._read_connections.append(self._local.connection)
        connection: Connection = self._local.connection
        try:
            return function(connection)
        finally:
            connection.rollback()

    async def tidy(self) -> None:
        """Give room that is free back to the disk, and empty the log of what was removed."""
        while await self.write(_shrink):
            continue
        await self.submit(
            Upkeep(
                f"PRAGMA busy_timeout={TIDY_MS}",  # A long read must not hold up the commits.
                "PRAGMA wal_checkpoint(TRUNCATE)",
                f"PRAGMA busy_timeout={BUSY_MS}",
            )
        )

    async def close(self) -> None:
        """Write what has queued, fold the log into the file, and let other processes in."""
        await self._committer.close()
        self._readers.shutdown(wait=True)
        for connection in self._read_connections:
            connection.close()
        self._read_engine.dispose()
        with self._engine.connect() as connection:
            connection.connection.driver_connection.execute(  # type: ignore[union-attr]
                "PRAGMA wal_checkpoint(TRUNCATE)"
            )
        self._engine.dispose()
        self._lock.release()


def _engine(path: Path, configure: Callable[[sqlite3.Connection], None], blobs: BlobFolder) -> Any:
    engine = create_engine(
        f"sqlite:///{path}", poolclass=NullPool, connect_args={"check_same_thread": False}
    )
    # Columns of packed bodies read those that are blobs through this.
    engine.dialect.blobs = blobs.get_now  # type: ignore[attr-defined]

    @event.listens_for(engine, "connect")
    def connected(driver: sqlite3.Connection, _record: Any) -> None:
        # The driver's own transaction handling begins late and deferred; `begin` below is explicit.
        driver.isolation_level = None
        configure(driver)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = "BEGIN IMMEDIATE" if configure is not _reading else "BEGIN"
        connection.exec_driver_sql(mode)

    return engine


def _shrink(connection: Connection) -> bool:
    """Cut some free pages off the end of the file; tell whether there are more."""

    def ask(name: str) -> int:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()

    free, pages = ask("freelist_count"), ask("page_count")
    if ask("auto_vacuum") != 2 or free <= SPARE_PAGES + pages // 10:
        return False
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA incremental_vacuum({SHRUNK_PAGES})").fetchall()  # A page each row.
    return ask("freelist_count") < free


def _writing(synchronous: str) -> Callable[[sqlite3.Connection], None]:
    def configure(driver: sqlite3.Connection) -> None:
        # Before all else, for only a file without tables learns these: larger pages, of which
        # bodies of a kilobyte waste less, and to give back what it does not need any more.
        driver.execute("PRAGMA page_size=8192")
        driver.execute("PRAGMA auto_vacuum=INCREMENTAL")
        driver.execute("PRAGMA journal_mode=WAL")
        driver.execute(f"PRAGMA synchronous={synchronous}")
        driver.execute("PRAGMA foreign_keys=ON")
        driver.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        # Removed rows are overwritten where that costs no further write; the sweeper, which
        # removes whole pages, asks for more.
        driver.execute("PRAGMA secure_delete=FAST")
        driver.execute("PRAGMA wal_autocheckpoint=4000")
        driver.execute("PRAGMA cache_size=-16000")
        driver.execute("PRAGMA temp_store=MEMORY")

    return configure


def _reading(driver: sqlite3.Connection) -> None:
    driver.execute("PRAGMA query_only=ON")
    driver.execute("PRAGMA wal_autocheckpoint=0")
    driver.execute("PRAGMA busy_timeout=5000")
    driver.execute("PRAGMA cache_size=-4000")


async def open_database(folder: Path, *, synchronous: str = "FULL") -> Database:
    """Open, or make, the database in `folder`.

    Raises TramoError when another process has it open or a newer Tramo made it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # noqa: ASYNC240 - once, at start-up
    return Database(folder, synchronous=synchronous)

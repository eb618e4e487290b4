"""An open store: what every other room writes to and reads from, whichever database it is.

A home knows its database: `sqlite.py` the embedded one, `postgresql.py` the one that many processes
share. Everything else in this room is the same for both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from tramo.store.blob import BlobFolder
from tramo.store.commit import Call, Unit, Upkeep
from tramo.store.committer import Committer
from tramo.store.scribe import Call as CallScribe
from tramo.store.soundness import explained
from tramo.store.sqlite import EMPTY_LOG, FILE_NAME, SqliteHome, shrink

T = TypeVar("T")

__all__ = ["FILE_NAME", "Database", "open_database"]


class Home(Protocol):
    """Where the rows are."""

    kind: str
    shared: bool
    """Other processes may have it open too."""
    readers: int
    """Threads that read."""
    blobs: BlobFolder | None

    @property
    def call_scribe(self) -> CallScribe | None:
        """Starts a process that writes in turn with the thread, where there may be one."""
        ...

    def write(self, work: Callable[[Connection], None]) -> None: ...
    def read(self, function: Callable[[Connection], T]) -> T: ...
    def close(self) -> None: ...


class Database:
    """An open store. Use `await open_database(folder)`."""

    def __init__(self, folder: Path, home: Home) -> None:
        self.folder = folder
        self.kind = home.kind
        self.shared = home.shared
        self.blobs = home.blobs
        self._home = home
        self._committer = Committer(home.write, home.call_scribe)
        self._readers = ThreadPoolExecutor(home.readers, thread_name_prefix="tramo-read")

    @property
    def committer(self) -> Committer:
        return self._committer

    def submit(self, unit: Unit[T]) -> asyncio.Future[T]:
        """Queue a unit for the group commit."""
        return self._committer.submit(unit)

    async def write(self, function: Callable[[Connection], T], *, plain: bool = False) -> T:
        """Run `function` on the writing connection; return after the durable commit.

        `plain` says that it does not read before it writes; see `Unit.plain`.
        """
        return await self._committer.submit(Call(function, plain=plain))

    async def read(self, function: Callable[[Connection], T]) -> T:
        """Run `function` on a read-only connection in a thread."""
        return await asyncio.get_running_loop().run_in_executor(
            self._readers, self._home.read, function
        )

    def expect_much(self) -> None:
        """Make ready for many commits at once, where that takes a moment."""
        self._committer.call_scribe()

    async def tidy(self) -> None:
        """Give room that is free back to the disk, and empty the log of what was removed.

        PostgreSQL does both by itself.
        """
        if self.kind != "sqlite":
            return
        while await self.write(shrink):
            continue
        await self.submit(Upkeep(*EMPTY_LOG))

    async def close(self) -> None:
        """Write what has queued, and let go of the database."""
        await self._committer.close()
        self._readers.shutdown(wait=True)
        await asyncio.to_thread(self._home.close)


async def open_database(
    folder: Path, url: str | None = None, *, synchronous: str = "FULL"
) -> Database:
    """Open, or make, the database in `folder`, or the PostgreSQL one at `url`.

    Raises TramoError when another process has the file open, a newer Tramo made it, or the database
    cannot be reached.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # noqa: ASYNC240 - once, at start-up
    except OSError as error:
        raise explained(error, folder / FILE_NAME) from None
    if url is None:
        return Database(folder, SqliteHome(folder, synchronous=synchronous))
    # The driver is imported only where it is used: it is an extra.
    from tramo.store.postgresql import PostgresqlHome

    return Database(folder, await asyncio.to_thread(PostgresqlHome, url))

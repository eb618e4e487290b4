"""The thread that writes: it takes whatever has queued and writes it in one transaction.

It knows units and the connection they are written with, and nothing of who waits for them.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, Final, Protocol

from sqlalchemy import Connection

from tramo.store.commit import translated, write_group

Entry = tuple[Any, ...]
"""A unit, and whatever whoever gave it wants to know it again by."""
Write = Callable[[Callable[[Connection], None]], None]
"""Runs a function with the writing connection, in the thread that calls it."""
Returned = Callable[[list[Any], list[Any], float], None]
"""Hears on the event loop what became of a group: its entries, their outcomes, and how many seconds
it took."""

GROUP_LIMIT: Final = 512
"""Units in one commit; bounds how long the first of a group waits for the last."""
ASK_AGAIN_S: Final = 0.2
"""How long to wait before asking again what became of a commit."""


class Writer(Protocol):
    """Writes entries in the order in which they were put."""

    @property
    def waiting(self) -> int:
        """Entries that it has not begun to write."""
        ...

    def put(self, entry: Entry) -> None: ...

    async def close(self) -> None:
        """Write what was put, then stop."""
        ...


class WriterThread:
    """A writer that is a thread of this process."""

    def __init__(self, write: Write, returned: Returned) -> None:
        self._write = write
        self._returned = returned
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[Entry | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="tramo-commit", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    def put(self, entry: Entry) -> None:
        self._queue.put(entry)

    async def close(self) -> None:
        self._closing.set()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        self._write(self._write_all)

    def _write_all(self, connection: Connection) -> None:
        while self._gather(connection):
            pass

    def _gather(self, connection: Connection) -> bool:
        entries: list[Entry] = []
        entry = self._queue.get()
        more = True
        while True:
            if entry is None:
                more = False
                break
            entries.append(entry)
            if len(entries) >= GROUP_LIMIT:
                break
            try:
                entry = self._queue.get_nowait()
            except queue.Empty:
                break
        if entries:
            self._commit(connection, entries)
        return more

    def _commit(self, connection: Connection, entries: list[Entry]) -> None:
        began_s = self._loop.time()
        units = [entry[0] for entry in entries]
        try:
            outcomes = write_group(connection, units, self._again)
        except Exception as error:  # noqa: BLE001 - the thread must outlive every mistake
            outcomes = [translated(error)] * len(units)
        took_s = self._loop.time() - began_s
        try:
            self._loop.call_soon_threadsafe(self._returned, entries, outcomes, took_s)
        except RuntimeError:
            return  # The loop has closed: nobody is left to be told.

    def _again(self) -> bool:
        return not self._closing.wait(ASK_AGAIN_S)

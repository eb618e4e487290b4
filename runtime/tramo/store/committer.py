"""Group commit: one thread owns the one writing connection and commits whatever has queued.

It never waits for company: while a commit is syncing, the next group gathers. A unit's future is
resolved only after the sync, so an answer given after it is durable.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from tramo.model.problem import TramoError
from tramo.ports.observer import SILENT, Observer
from tramo.store.commit import StoreUnavailable, Unit, translated, write_group
from tramo.store.outage import Outage

T = TypeVar("T")

Late = Callable[[Any], None]
Write = Callable[[Callable[[Connection], None]], None]
"""Runs a function with the writing connection, in the thread that calls it."""
_Entry = tuple[Unit[Any], "asyncio.Future[Any]", Late | None]

GROUP_LIMIT: Final = 512
"""Units in one commit; bounds how long the first of a group waits for the last."""
PATIENCE_S: Final = 1.5
"""How long an impatient asker waits for its commit before it is told to come back."""
WATCH_S: Final = 0.25
ASK_AGAIN_S: Final = 0.2
"""How long to wait before asking again what became of a commit."""


class Busy(TramoError):
    """The commit did not come in time; the asker should come back. What was queued may still be
    written."""

    def __init__(self) -> None:
        super().__init__(
            "store.busy", "Too much is waiting to be stored. Send it again later.", status=503
        )


class Committer:
    """The writer thread."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._queue: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name="tramo-commit", daemon=True)
        self._closing = threading.Event()
        self._impatient: deque[tuple[float, asyncio.Future[Any]]] = deque()
        self._watching = False
        self._outage = Outage()
        self.observer: Observer = SILENT
        self.groups = 0
        self.units = 0
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Units that nobody has begun to write."""
        return self._queue.qsize()

    def submit(self, unit: Unit[T], late: Late | None = None) -> asyncio.Future[T]:
        """Queue a unit; the future resolves after the durable commit.

        `late` gets the result when nobody waits for the future any more.
        """
        future: asyncio.Future[T] = self._loop.create_future()
        if self._closing.is_set():
            future.set_exception(StoreUnavailable("it is closing"))
            return future
        self._queue.put((unit, future, late))
        return future

    def submit_impatiently(self, unit: Unit[T], late: Late) -> asyncio.Future[T]:
        """Queue a unit for somebody who waits `PATIENCE_S` at most.

        The future raises Busy when the commit takes longer; should the unit be written after all,
        `late` gets its result.
        One timer watches over all of them, for a timer each would cost more than the commit.
        """
        future = self.submit(unit, late)
        self._impatient.append((self._loop.time() + PATIENCE_S, future))
        if not self._watching:
            self._watching = True
            self._loop.call_later(WATCH_S, self._watch)
        return future

    def _watch(self) -> None:
        now = self._loop.time()
        waiting = self._impatient
        while waiting and (waiting[0][1].done() or waiting[0][0] <= now):
            _, future = waiting.popleft()
            if not future.done():
                future.set_exception(Busy())
        self._watching = bool(waiting)
        if waiting:
            self._loop.call_later(WATCH_S, self._watch)

    def _resolve(self, entries: list[_Entry], outcomes: list[Any]) -> None:
        failed: StoreUnavailable | None = None
        for (_, future, late), outcome in zip(entries, outcomes, strict=True):
            if isinstance(outcome, StoreUnavailable):
                failed = outcome
            if future.done():  # Whoever asked is gone or was told to come back; the write stands.
                if late is not None and not isinstance(outcome, Exception):
                    late(outcome)
            elif isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
        if failed is not None:
            self._outage.failed(self._loop.time(), failed.message)
        elif self._outage.on:
            self._outage.stored(self._loop.time())

    async def close(self) -> None:
        """Write what has queued, then stop."""
        if not self._closing.is_set():
            self._closing.set()
            self._queue.put(None)
            await asyncio.to_thread(self._thread.join)

    # The thread ------------------------------------------------------------------------------

    def _work(self) -> None:
        self._write(self._write_all)

    def _write_all(self, connection: Connection) -> None:
        while self._gather(connection):
            pass

    def _gather(self, connection: Connection) -> bool:
        entries: list[_Entry] = []
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

    def _commit(self, connection: Connection, entries: list[_Entry]) -> None:
        began_s = self._loop.time()
        self.groups += 1
        self.units += len(entries)
        units = [entry[0] for entry in entries]
        try:
            outcomes = write_group(connection, units, self._again)
        except Exception as error:  # noqa: BLE001 - the thread must outlive every mistake
            outcomes = [translated(error)] * len(units)
        self.observer.committed(len(entries), self._loop.time() - began_s)
        try:
            self._loop.call_soon_threadsafe(self._resolve, entries, outcomes)
        except RuntimeError:
            return  # The loop has closed: nobody is left to be told.

    def _again(self) -> bool:
        return not self._closing.wait(ASK_AGAIN_S)

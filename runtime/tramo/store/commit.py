"""Group commit: one thread owns the one writing connection and commits whatever has queued.

It never waits for company: while a commit is syncing, the next group gathers. A unit's future is
resolved only after the sync, so an answer given after it is durable. A unit that fails does so
alone: its group is rolled back and its neighbours are written one by one.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine

from tramo.model.problem import TramoError

T = TypeVar("T")

GROUP_LIMIT = 512
"""Units in one commit; bounds how long the first of a group waits for the last."""


class StoreUnavailable(TramoError):
    """The database cannot be written now; nothing was stored."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "store.unavailable",
            f"The database cannot be written right now ({reason}). Nothing was lost; try again.",
            status=503,
        )


class Unit(Generic[T]):
    """Something to be written in one piece. `kind` groups units that are written in bulk."""

    kind: str = "call"

    def apply(self, connection: Connection) -> T:
        """Write this unit alone and return its result."""
        raise NotImplementedError

    @classmethod
    def apply_all(cls, connection: Connection, units: Sequence[Any]) -> list[Any]:
        """Write many units of this class; the default does it one after the other."""
        return [unit.apply(connection) for unit in units]


class Call(Unit[T]):
    """A function run on the writing connection."""

    def __init__(self, function: Callable[[Connection], T]) -> None:
        self._function = function

    def apply(self, connection: Connection) -> T:
        return self._function(connection)


class Upkeep(Unit[None]):
    """Statements for the database itself, which run outside any transaction."""

    def __init__(self, *statements: str) -> None:
        self._statements = statements

    def apply(self, connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        for statement in self._statements:
            driver.execute(statement).fetchall()


Late = Callable[[Any], None]
_Entry = tuple[Unit[Any], "asyncio.Future[Any]", Late | None]

PATIENCE_S = 1.5
"""How long an impatient asker waits for its commit before it is told to come back."""
WATCH_S = 0.25


class Busy(TramoError):
    """The commit did not come in time; the asker should come back. What was queued may still be
    written."""

    def __init__(self) -> None:
        super().__init__(
            "store.busy", "Too much is waiting to be stored. Send it again later.", status=503
        )


class Committer:
    """The writer thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name="tramo-commit", daemon=True)
        self._closed = False
        self._impatient: deque[tuple[float, asyncio.Future[Any]]] = deque()
        self._watching = False
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
        if self._closed:
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
        for (_, future, late), outcome in zip(entries, outcomes, strict=True):
            if future.done():  # Whoever asked is gone or was told to come back; the write stands.
                if late is not None and not isinstance(outcome, Exception):
                    late(outcome)
            elif isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    async def close(self) -> None:
        """Write what has queued, then stop."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
            await asyncio.to_thread(self._thread.join)

    # The thread ------------------------------------------------------------------------------

    def _work(self) -> None:
        with self._engine.connect() as connection:
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
        self.groups += 1
        self.units += len(entries)
        try:
            outcomes: list[Any] = self._write_group(connection, [entry[0] for entry in entries])
        except Exception:  # noqa: BLE001 - found out below, unit by unit
            connection.rollback()
            outcomes = [self._write_alone(connection, entry[0]) for entry in entries]
        try:
            self._loop.call_soon_threadsafe(self._resolve, entries, outcomes)
        except RuntimeError:
            return  # The loop has closed: nobody is left to be told.

    def _write_group(self, connection: Connection, units: list[Unit[Any]]) -> list[Any]:
        outcomes: list[Any] = [None] * len(units)
        by_class: dict[type[Unit[Any]], list[int]] = {}
        upkeep: list[int] = []
        for index, unit in enumerate(units):
            if isinstance(unit, Upkeep):
                upkeep.append(index)
            else:
                by_class.setdefault(type(unit), []).append(index)
        with connection.begin():
            for kind, indexes in by_class.items():
                results = kind.apply_all(connection, [units[index] for index in indexes])
                for index, result in zip(indexes, results, strict=True):
                    outcomes[index] = result
        for index in upkeep:
            outcomes[index] = self._keep_up(connection, units[index])
        return outcomes

    def _keep_up(self, connection: Connection, unit: Unit[Any]) -> Any:
        try:
            return unit.apply(connection)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
            return _translated(error)

    def _write_alone(self, connection: Connection, unit: Unit[Any]) -> Any:
        if isinstance(unit, Upkeep):
            return self._keep_up(connection, unit)
        try:
            with connection.begin():
                return unit.apply(connection)
        except TramoError as error:
            return error
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
            connection.rollback()
            return _translated(error)


def _translated(error: Exception) -> Exception:
    from sqlalchemy.exc import OperationalError

    if isinstance(error, OperationalError):
        return StoreUnavailable(str(error.orig))
    return error

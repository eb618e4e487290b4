"""The lookout: looks every few seconds at what people should hear of, and has them told.

It reads the database and hooks into nothing, so a run pays nothing for it; what it has looked at is
on the disk, so a restart neither forgets nor repeats. It waits by the event loop's own time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from sqlalchemy import Connection

from tramo.app.attention.book import FlowBook
from tramo.app.attention.courier import Courier
from tramo.app.attention.failure import BATCH, Failures, Pause, Steps, Told
from tramo.app.attention.question import Questions
from tramo.app.attention.stuck import Stuck
from tramo.app.attention.watch import RunWatch
from tramo.model.problem import TramoError
from tramo.ports.clock import Clock
from tramo.ports.identity import Ids
from tramo.ports.spawn import Spawn
from tramo.store import alert as store
from tramo.store import notice as notice_store
from tramo.store.database import Database

EVERY_S: Final = 2.0
SELDOM_MS: Final = 20_000
"""How often windows of expected runs and refused connections are looked at."""
DAY_MS: Final = 86_400_000
LISTS: Final = ("failed", "questions")

_log = logging.getLogger("tramo")


class Lookout:
    """Looks at everything, in turn."""

    def __init__(
        self,
        *,
        database: Database,
        courier: Courier,
        clock: Clock,
        ids: Ids,
        spawn: Spawn,
        steps: Steps,
        pause: Pause,
        told: Told,
    ) -> None:
        self._database = database
        self._courier = courier
        self._clock = clock
        self._spawn = spawn
        book = FlowBook(database)
        self.failures = Failures(
            database=database, book=book, ids=ids, steps=steps, pause=pause, told=told
        )
        self.questions = Questions(database=database, book=book, ids=ids)
        self.stuck = Stuck(database=database, book=book, ids=ids, steps=steps, told=told)
        self.watch = RunWatch(database=database, book=book, ids=ids)
        self._seldom_at = 0
        self._swept_at = 0
        self._turn = asyncio.Lock()
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look; a data folder that was never looked at is from now on."""
        now = self._clock.now_ms()

        def begin(connection: Connection) -> None:
            for name in LISTS:
                store.set_looked(connection, name, *store.looked(connection, name, now))

        await self._database.write(begin)
        self._loop = self._spawn.start(self._work(), name="lookout")

    async def close(self) -> None:
        """Look no more."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)

    async def _work(self) -> None:
        never = asyncio.Event()
        while True:
            try:
                async with asyncio.timeout(EVERY_S):
                    await never.wait()
            except TimeoutError:
                await self.look()

    async def look(self) -> None:
        """Look once at everything; what cannot be looked at now is looked at next time."""
        async with self._turn:
            await self._look()

    async def _look(self) -> None:
        now = self._clock.now_ms()
        looks: list[Callable[[int], Awaitable[Any]]] = [
            self.questions.look,
            self.stuck.look,
            self._look_at_failures,
            self.questions.remind,
            self.stuck.remind,
        ]
        if now - self._seldom_at >= SELDOM_MS:
            self._seldom_at = now
            looks += [self.watch.look, self.stuck.look_at_connections]
        if now - self._swept_at >= DAY_MS:
            self._swept_at = now
            looks.append(self._sweep)
        for look in looks:
            try:
                await look(now)
            except TramoError as error:
                _log.warning("Looking for what people should hear of: %s", error.message)
            except Exception:  # noqa: BLE001 - the lookout must outlive every mistake
                _log.exception("Looking for what people should hear of failed")
        self._courier.ring()

    async def _sweep(self, now: int) -> None:
        """Forget what nobody needs any more."""

        def forget(connection: Connection) -> None:
            notice_store.forget_old(connection, now)
            store.forget_old(connection, now)

        await self._database.write(forget)

    async def _look_at_failures(self, now: int) -> None:
        while await self.failures.look(now) == BATCH:
            pass

"""Duties of this process: loops that one process at a time runs for all.

A lease of 30 s says whose they are. Who stops in order gives them up, and another takes them within
a second; after a crash it takes as long as the lease. The loops themselves rely on nothing here:
firings are unique, polls are leased one by one, and a notice that goes out twice harms no run.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from tramo.ports.clock import Clock
from tramo.store import duty as store
from tramo.store.database import Database

LEASE_MS: Final = 30_000
RENEW_MS: Final = 10_000

_log = logging.getLogger("tramo")


class Duty(msgspec.Struct, frozen=True):
    """A loop by name; it can be started and stopped any number of times."""

    name: str
    start: Callable[[], Awaitable[None]]
    stop: Callable[[], Awaitable[None]]


class Duties:
    """Takes duties that nobody has, and runs their loops."""

    def __init__(self, *, database: Database, clock: Clock, own: str) -> None:
        self._database = database
        self._clock = clock
        self._own = own
        self._duties: dict[str, Duty] = {}
        self._held: set[str] = set()
        self._until = 0
        self._renew_at = 0

    @property
    def held(self) -> frozenset[str]:
        """The names of what this process does now."""
        return frozenset(self._held)

    def add(
        self,
        name: str,
        start: Callable[[], Awaitable[None]],
        stop: Callable[[], Awaitable[None]],
    ) -> None:
        """Name a duty that this process may take."""
        self._duties[name] = Duty(name, start, stop)

    async def look(self) -> None:
        """Keep what is held, take what is free, and let go of what was lost.

        Raises StoreUnavailable when the database cannot be asked.
        """
        if not self._duties:
            return
        now = self._clock.now_ms()
        if self._held and now >= self._until:
            await self._become(set())  # Somebody else may have them by now.
            self._renew_at = 0
        names = list(self._duties)
        if now < self._renew_at and not await self._database.read(
            lambda c: store.is_open(c, names, now)
        ):
            return
        now = self._clock.now_ms()
        held = await self._database.write(
            lambda c: store.take(c, names, owner=self._own, now=now, lease_ms=LEASE_MS)
        )
        self._until, self._renew_at = now + LEASE_MS, now + (RENEW_MS if held else LEASE_MS)
        await self._become(held)

    async def close(self) -> None:
        """Stop every loop, and let others go on with them at once."""
        await self._become(set())
        now = self._clock.now_ms()
        await self._database.write(lambda c: store.give_up(c, owner=self._own, now=now))

    async def _become(self, held: set[str]) -> None:
        for name in self._held - held:
            self._held.discard(name)
            await self._duties[name].stop()
        for name in self._duties:
            if name in held and name not in self._held:
                await self._duties[name].start()
                self._held.add(name)

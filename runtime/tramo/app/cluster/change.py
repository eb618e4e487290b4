"""Keeps what this process remembers in step with what others change.

Whoever changes a flow, a connection or a variable raises a number in the same transaction. Every
process looks at the numbers each second, or when the bus says so, and reads anew what is behind one
that has grown. A delivery that was decided upon with an outdated index is refused by its own commit
(`tramo.store.run`), so a second's delay is never a wrong run.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from tramo.model.problem import TramoError
from tramo.store import change as store
from tramo.store.database import Database

Reload = Callable[[], Awaitable[None]]

_log = logging.getLogger("tramo")


class Changes:
    """What this process has seen of each number."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[str, int] = {}
        self._reloads: dict[str, Reload] = {}
        self._turn = asyncio.Lock()
        self._looks = 0

    def on(self, name: str, reload: Reload) -> None:
        """Call `reload` when something of this name has changed elsewhere."""
        self._reloads[name] = reload

    def seen(self, name: str) -> int:
        """Return the number that what this process remembers is at least as new as."""
        return self._seen.get(name, 0)

    async def begin(self) -> None:
        """Note the numbers before anything is read into memory."""
        self._seen = await self._database.read(store.read_changes)

    async def look(self) -> None:
        """Read anew what has changed.

        Those who ask while others look share the next look. Raises StoreUnavailable.
        """
        asked = self._looks
        async with self._turn:
            if self._looks == asked:
                self._looks += 1
                await self._look()

    async def _look(self) -> None:
        numbers = await self._database.read(store.read_changes)
        changed = [name for name, number in numbers.items() if self._seen.get(name) != number]
        for name in changed:
            reload = self._reloads.get(name)
            try:
                if reload is not None:
                    await reload()
            except TramoError as error:
                _log.warning("What others changed could not be read: %s", error.message)
            else:
                self._seen[name] = numbers[name]

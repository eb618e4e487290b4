"""Whether this process can take work now: asked by load balancers, answered by trying.

The answer is good for a second, and however many ask at once, the database is tried once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from tramo.model.problem import TramoError
from tramo.ports.clock import Clock
from tramo.store.census import note_pulse
from tramo.store.committer import Busy
from tramo.store.database import Database

WITHIN_S: Final = 1.0
"""A write that takes longer found too much before it."""
GOOD_FOR_S: Final = 1.0


def stopping() -> TramoError:
    """Make the error that tells whoever asks to come back: to this process, or to another."""
    return TramoError(
        "server.stopping", "Tramo is stopping and takes no more. Send it again.", status=503
    )


class Readiness:
    """Tries whether something that is written now becomes durable."""

    def __init__(
        self, *, database: Database, clock: Clock, name: str, is_stopping: Callable[[], bool]
    ) -> None:
        self._database = database
        self._clock = clock
        self._name = name
        self._is_stopping = is_stopping
        self._trying = asyncio.Lock()
        self._good_until_s = float("-inf")
        self._found: TramoError | None = None

    async def check(self) -> None:
        """Return when work can be taken; raises TramoError with status 503 when not."""
        if self._is_stopping():
            raise stopping()
        async with self._trying:
            if self._clock.monotonic_s() >= self._good_until_s:
                self._found = await self._try()
                self._good_until_s = self._clock.monotonic_s() + GOOD_FOR_S
        if self._found is not None:
            raise TramoError(self._found.code, self._found.message, status=503)

    async def _try(self) -> TramoError | None:
        now = self._clock.now_ms()
        try:
            async with asyncio.timeout(WITHIN_S):
                await self._database.write(lambda c: note_pulse(c, self._name, now))
        except TimeoutError:
            return Busy()
        except Exception:  # noqa: BLE001 - whatever it is; its words are not for strangers
            return TramoError(
                "store.unavailable", "The database cannot be written right now.", status=503
            )
        return None

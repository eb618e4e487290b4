"""`tramo doctor`: looks at everything that Tramo stands on, changes nothing, and names the cure of
what is not as it should be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress

from tramo.app.doctor.check import Check, error
from tramo.app.setting import Settings
from tramo.ports.clock import Clock

__all__ = ["Check", "examine"]


async def examine(settings: Settings, clock: Clock) -> list[Check]:
    """Look at everything; what cannot be looked at is an error of its own."""
    from tramo.app.doctor import database, folder, machine

    async def shared() -> list[Check]:
        found: list[Check] = []
        if settings.database is not None:
            found += await database.look_at_postgresql(settings, clock)
        if settings.redis is not None:
            found.append(await database.look_at_redis(settings))
        return found

    loop = asyncio.get_running_loop()

    def opened(interrupt: Callable[[], None]) -> None:
        loop.call_soon_threadsafe(loop.call_later, database.CHECKED_FOR_S, _quietly, interrupt)

    def here() -> list[Check]:
        found = _gather("folder", lambda: folder.look_at_folder(settings.data))
        if settings.database is None:
            found += _gather("database", lambda: database.look_at_sqlite(settings, clock, opened))
        return found + _gather("machine", lambda: machine.look_at_machine(settings, clock))

    # Side by side: the whole of it has to be quick.
    ours, theirs = await asyncio.gather(asyncio.to_thread(here), shared())
    return ours + theirs


def _gather(name: str, look: Callable[[], Iterable[Check]]) -> list[Check]:
    found: list[Check] = []
    try:
        found.extend(look())
    except OSError as refused:
        said = f"It cannot be looked at: {refused.strerror or refused}."
        found.append(error(name, said, "Run tramo doctor as the user that runs Tramo."))
    return found


def _quietly(interrupt: Callable[[], None]) -> None:
    with suppress(Exception):  # It is over already.
        interrupt()

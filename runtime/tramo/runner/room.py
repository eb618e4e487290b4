"""How many runs a process works on at once.

A run works while something of it is carried out in the world; deciding and waiting take no room.
What a run is about to do is written before it is sent, and no slot stands empty meanwhile: a few
runs more than there are slots write theirs down ahead, as many as the vendors' pace asks for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from tramo.runner.live import LiveRun

SPARE: Final = 20
"""Runs kept in hand beside those at work, at least: claiming them takes as long as a short step."""
AHEAD_PART: Final = 2
"""One run for so many slots may write ahead at most."""
AHEAD_MOST: Final = 8
"""And no more in all: what a crash leaves in doubt grows by them, and where there are many slots it
is the processor that keeps them empty."""
READY_PART: Final = 8
"""One run for so many slots is kept ready to be sent, and one more."""
SLOTS: Final = 200
"""As many as a process has where nobody says otherwise."""


class Room:
    """Slots for runs at work. Who finds none free waits in line."""

    def __init__(self, slots: int = SLOTS) -> None:
        self.slots = slots
        self._calls = asyncio.Semaphore(max(1, slots))
        self._written = 0
        """Runs that have written what they are about to do, and wait for a slot to do it."""
        self._ahead = 0
        """How many runs more than slots may begin to work."""
        self.kept = slots + max(SPARE, slots // 2) if slots else 0
        """Runs that are kept in hand, those that wait in line included: the next one is there when
        a slot is free."""
        self.batch = max(1, (self.kept - slots) // 2)
        """Runs that are claimed together while no slot stands empty: a claim costs as much as
        several short steps."""
        self._taken = 0
        self._line: dict[LiveRun, asyncio.Future[bool]] = {}

    @property
    def at_work(self) -> int:
        """How many runs work now."""
        return self._taken

    @property
    def free(self) -> bool:
        """Whether a run may begin to work at once."""
        return self._taken < self.slots + self._ahead

    @asynccontextmanager
    async def call(self) -> AsyncIterator[None]:
        """Hold a slot while something is carried out; wait for one if none is free."""
        self._written += 1
        try:
            await self._calls.acquire()
        finally:
            self._written -= 1
        try:
            yield
        finally:
            self._calls.release()
            self._adjust()

    def _adjust(self) -> None:
        """Let one more write ahead if a slot is empty now that could be used; or one less, if more
        are ready than slots become free at once."""
        if not (self._written or self.free):
            self._ahead = min(self._ahead + 1, self.slots // AHEAD_PART, AHEAD_MOST)
            self._call_in()
        elif self._written > 1 + self.slots // READY_PART and self._ahead:
            self._ahead -= 1

    def take(self, live: LiveRun) -> None:
        """Count a run that begins to work, be there a slot or not: it waits in line no longer."""
        if not live.at_work:
            live.at_work = True
            self._taken += 1
        turn = self._line.pop(live, None)
        if turn is not None and not turn.done():
            turn.set_result(True)

    async def enter(self, live: LiveRun) -> bool:
        """Wait for a slot and take it; False when there will be none any more."""
        if self.free or live.at_work:
            self.take(live)
            return True
        self._line[live] = turn = asyncio.get_running_loop().create_future()
        try:
            return await turn
        except asyncio.CancelledError:
            self._line.pop(live, None)
            if not turn.cancelled():  # It was called in before it gave up.
                self.leave(live)
            raise

    def leave(self, live: LiveRun) -> None:
        """Free the slot of a run that does not work any more, if it had one."""
        if live.at_work:
            live.at_work = False
            self._taken -= 1
            self._call_in()

    def close(self) -> None:
        """Send away whoever waits in line, and let nobody in any more."""
        self.kept = 0
        for turn in self._line.values():
            if not turn.done():
                turn.set_result(False)
        self._line.clear()

    def _call_in(self) -> None:
        while self._line and self.free:
            live, turn = next(iter(self._line.items()))
            if turn.done():
                del self._line[live]  # It has given up.
            else:
                self.take(live)

"""How many runs a process works on at once.

A run works while something of it is carried out in the world; deciding and waiting take no room.
What a run is about to do is written before it is sent, and no slot stands empty meanwhile: a few
runs more than there are slots write theirs down ahead, as many as the vendors' pace asks for.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from tramo.runner.live import LiveRun

SPARE: Final = 20
"""Runs kept in hand beside those at work, at least: claiming them takes as long as a short step."""
AHEAD_PART: Final = 2
"""One run for so many slots may write ahead at most: what a crash leaves in doubt grows by them."""
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
        self._let_in = 0
        """Runs that have been called in from the line, and have not come yet."""
        self._line: deque[asyncio.Future[bool]] = deque()

    @property
    def at_work(self) -> int:
        """How many runs work now."""
        return self._taken

    @property
    def free(self) -> bool:
        """Whether a run may begin to work at once."""
        return self._taken + self._let_in < self.slots + self._ahead

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
        if not (self._written or self._let_in or self.free):
            self._ahead = min(self._ahead + 1, self.slots // AHEAD_PART)
            self._call_in()
        elif self._written > 1 + self.slots // READY_PART and self._ahead:
            self._ahead -= 1

    def take(self, live: LiveRun) -> None:
        """Count a run that begins to work, be there a slot or not."""
        if not live.at_work:
            live.at_work = True
            self._taken += 1

    async def enter(self, live: LiveRun) -> bool:
        """Wait for a slot and take it; False when there will be none any more."""
        if not self.free:
            turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            self._line.append(turn)
            try:
                if not await turn:
                    return False
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled() and turn.result():
                    self._let_in -= 1
                    self._call_in()
                raise
            self._let_in -= 1
        self.take(live)
        return True

    def leave(self, live: LiveRun) -> None:
        """Free the slot of a run that does not work any more, if it had one."""
        if live.at_work:
            live.at_work = False
            self._taken -= 1
            self._call_in()

    def _call_in(self) -> None:
        while self._line and self.free:
            turn = self._line.popleft()
            if not turn.done():
                self._let_in += 1
                turn.set_result(True)

    def close(self) -> None:
        """Send away whoever waits in line, and let nobody in any more."""
        self.kept = 0
        while self._line:
            turn = self._line.popleft()
            if not turn.done():
                turn.set_result(False)

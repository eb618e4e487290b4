"""How many runs a process works on at once.

A run works while something of it is carried out in the world; deciding and waiting take no room.
"""

from __future__ import annotations

import asyncio
from typing import Final

from tramo.runner.live import LiveRun

SPARE: Final = 20
"""Runs kept in hand beside those at work, at least: claiming them takes as long as a short step."""
SLOTS: Final = 200
"""As many as a process has where nobody says otherwise."""


class Room:
    """Slots for runs at work. Who finds none free waits in line."""

    def __init__(self, slots: int = SLOTS) -> None:
        self.slots = slots
        self.kept = slots + max(SPARE, slots // 2) if slots else 0
        """Runs that are kept in hand, those that wait in line included: the next one is there when
        a slot is free."""
        self.batch = max(1, (self.kept - slots) // 2)
        """Runs that are claimed together while no slot stands empty: a claim costs as much as
        several short steps."""
        self._taken = 0
        self._line: dict[LiveRun, asyncio.Future[bool]] = {}

    @property
    def free(self) -> bool:
        """Whether a run may begin to work at once."""
        return self._taken < self.slots

    def take(self, live: LiveRun) -> None:
        """Count a run that begins to work, be there a slot or not: it waits in line no longer."""
        if not live.at_work:
            live.at_work = True
            self._taken += 1
        self._call_up(live, True)

    async def enter(self, live: LiveRun) -> bool:
        """Wait for a slot and take it; False when there will be none any more."""
        if not (self.free or live.at_work):
            self._line[live] = turn = asyncio.get_running_loop().create_future()
            if not await turn:
                return False
        self.take(live)
        return True

    def leave(self, live: LiveRun) -> None:
        """Free the slot of a run that does not work any more, if it had one."""
        if live.at_work:
            live.at_work = False
            self._taken -= 1
            while self._line and self.free:
                if self._call_up(next(iter(self._line)), True):
                    break

    def close(self) -> None:
        """Send away whoever waits in line, and let nobody in any more."""
        self.kept = 0
        while self._line:
            self._call_up(next(iter(self._line)), False)

    def _call_up(self, live: LiveRun, has_slot: bool) -> bool:
        """Tell a run, if it waits in line, whether it has a slot; say whether it heard."""
        turn = self._line.pop(live, None)
        if turn is None or turn.done():
            return False
        turn.set_result(has_slot)
        return True

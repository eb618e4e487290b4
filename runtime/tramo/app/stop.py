"""Being told to stop: by SIGTERM, or SIGINT at a terminal.

The first one asks, and what is under way gets its grace. The second cuts that short, still in
order: leases are given back, so that nothing counts as a crash. The third is the system's: at once.
"""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tramo.app.house import House

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
CLOSE_S: Final = 2.0
"""How long a stop may take beyond the grace of steps in flight."""
PATIENCE_S: Final = 10.0
"""How long at least whoever stops a process waits before killing it (Docker; systemd waits 90 s).
A short grace is no reason to be cut off earlier."""


class StopSignals:
    """Listens while its `with` lasts."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.hurried = asyncio.Event()

    def __enter__(self) -> StopSignals:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._told)
        return self

    def __exit__(self, *_: object) -> None:
        self._leave_to_the_system()

    def _told(self) -> None:
        if not self.asked.is_set():
            self.asked.set()
            return
        self.hurried.set()
        self._leave_to_the_system()

    def _leave_to_the_system(self) -> None:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.remove_signal_handler(number)


async def settle(house: House, stop: StopSignals) -> None:
    """Let a house take nothing more and what is under way end, as long as nobody hurries."""
    end_within(max(house.settings.grace_s + CLOSE_S, PATIENCE_S))
    settling = house.spawn.start(house.settle(house.settings.grace_s), name="settle")
    hurried = house.spawn.start(_hear(stop.hurried), name="hurry")
    await asyncio.wait((settling, hurried), return_when=asyncio.FIRST_COMPLETED)
    if not settling.done():
        await house.settle(0.0)
        await asyncio.wait((settling,))
    hurried.cancel()


async def _hear(event: asyncio.Event) -> None:
    await event.wait()


def end_within(seconds: float) -> None:
    """Let the system end this process after so long, even if nothing in it moves any more.

    What is durable is durable: a process that is cut off here is taken for one that crashed.
    """
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)

"""Time, as the runtime may read it."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    def now_ms(self) -> int:
        """Return the wall clock in milliseconds since the epoch, UTC."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds that never go back, for deadlines inside this process."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait without holding anything up."""
        ...

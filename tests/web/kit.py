"""What the tests of people and of the web share: a clock that is moved by hand, fast passwords."""

from __future__ import annotations

from tramo.app.password import Passwords


class ManualClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now_ms: int = 1_800_000_000_000) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic_s(self) -> float:
        return self._now_ms / 1000

    async def sleep(self, seconds: float) -> None:
        self.move(seconds)

    def move(self, seconds: float) -> None:
        self._now_ms += round(seconds * 1000)


def fast_passwords() -> Passwords:
    """Return real argon2 at its lowest cost."""
    return Passwords(time_cost=1, memory_kib=8)

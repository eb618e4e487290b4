"""Remembers which accounts asked for a pause, so that one 429 slows the whole connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from tramo.ports.clock import Clock
from tramo.sdk import Transient

PATIENCE_S: Final = 5.0
"""A longer pause is handed to the engine, so that waiting holds nothing up here."""


class Pause:
    """The pauses of connections, in this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until_s: dict[str, float] = {}
        self.tell: Callable[[str, int], None] = lambda _account, _until_ms: None
        """Lets other processes know of a pause that began here."""

    def begin(self, account: str, seconds: float) -> None:
        """Note that an account must not be called for so long."""
        self._hold(account, seconds)
        self.tell(account, self._clock.now_ms() + round(seconds * 1_000))

    def learn(self, until_ms: Mapping[str, int]) -> None:
        """Note the pauses that other processes were asked for."""
        now = self._clock.now_ms()
        for account, until in until_ms.items():
            self._hold(account, (until - now) / 1_000)

    def _hold(self, account: str, seconds: float) -> None:
        until = self._clock.monotonic_s() + seconds
        self._until_s[account] = max(until, self._until_s.get(account, 0.0))

    async def wait(self, account: str, title: str, *, clean: bool = True) -> None:
        """Wait a short pause out; raise Transient for a long one.

        `clean` says that the attempt has changed nothing so far, so that giving up settles it.
        """
        while (until := self._until_s.get(account)) is not None:
            left = until - self._clock.monotonic_s()
            if left <= 0:
                self._until_s.pop(account, None)
                return
            if left > PATIENCE_S:
                raise Transient(
                    f"{title} asked for fewer requests; the next may go in {left:.0f} s.",
                    code="vendor.rate_limited",
                    params={"title": title},
                    retry_after_s=left,
                    settled=clean,
                )
            await self._clock.sleep(left)

"""A line to Redis that is kept up: what needs it runs again and again, later after each failure.

Nothing that matters lives in Redis, so nothing here ever raises to whoever rang: people are told
once that it is away and once that it is back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from tramo.model.problem import TramoError
from tramo.ports.clock import Clock
from tramo.ports.identity import Ids

CONNECT_S: Final = 2.0
ANSWER_S: Final = 3.0
"""A Redis that is stopped keeps its connections open and says nothing."""
FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 5.0
STEADY_S: Final = 10.0
"""What has worked for so long begins with the first pause again."""
CALM_S: Final = 1.0
"""Nothing has failed for so long when it is said to be back."""

_log = logging.getLogger("tramo.queue")


class Line:
    """Where Redis is, and whether it can be reached."""

    def __init__(self, url: str, *, clock: Clock, ids: Ids) -> None:
        self.where = _shown(url)
        self._url = url
        self._clock = clock
        self._ids = ids
        self._cut: set[str] = set()
        self._told = False
        self._lost_at = 0.0
        try:
            self.pool()  # Reads the address; connects to nothing yet.
        except ValueError:
            raise _unreadable() from None

    @property
    def up(self) -> bool:
        """Whether everything that needs Redis has it, as far as is known."""
        return not self._cut

    def pool(self) -> ConnectionPool:
        """Return connections of one's own. A command that is cancelled loses its connection, so
        that no answer reaches another asker."""
        options: dict[str, Any] = (
            {} if self._url.startswith("unix:") else {"socket_keepalive": True}
        )
        return ConnectionPool.from_url(
            self._url,
            socket_connect_timeout=CONNECT_S,
            socket_timeout=ANSWER_S,
            client_name="tramo",
            **options,
        )

    async def keep(
        self,
        name: str,
        work: Callable[[ConnectionPool], Awaitable[None]],
        amend: Callable[[ConnectionPool, Exception], Awaitable[None]] | None = None,
    ) -> None:
        """Run `work` for ever on connections of its own; begin it anew whenever it fails.

        `amend` may put right what `work` stumbled over. Work says with `reached` that it can do
        what it is for.
        """
        failures = 0
        while True:
            pool, began = self.pool(), self._clock.monotonic_s()
            try:
                await work(pool)
            except Exception as error:  # noqa: BLE001 - whatever it is, rings must go on
                if self._clock.monotonic_s() - began > STEADY_S:
                    failures = 0
                self._lost(name, error)
                if amend is not None:
                    await self._amend(amend, pool, error)
            finally:
                await _hang_up(pool)
            pause_s = min(FIRST_PAUSE_S * 2 ** min(failures, 10), LONGEST_PAUSE_S)
            failures += 1
            await self._clock.sleep(pause_s * (0.5 + self._ids.fraction()))

    def reached(self, name: str) -> None:
        """Note that a piece of work has its Redis. Some of it says so all the time."""
        self._cut.discard(name)
        if self._told and self.up and self._clock.monotonic_s() - self._lost_at > CALM_S:
            self._told = False
            _log.warning("Redis at %s is back.", self.where)

    def _lost(self, name: str, error: Exception) -> None:
        self._cut.add(name)
        self._lost_at = self._clock.monotonic_s()
        if not self._told:
            self._told = True
            _log.warning(
                "Redis at %s does not serve (%s: %s). Runs go on; other processes hear of them "
                "some seconds later until it does.",
                self.where,
                type(error).__name__,
                str(error)[:200],
            )

    async def _amend(
        self,
        amend: Callable[[ConnectionPool, Exception], Awaitable[None]],
        pool: ConnectionPool,
        error: Exception,
    ) -> None:
        try:
            await amend(pool, error)
        except (RedisError, OSError, TimeoutError):
            return  # It stumbles over the same again, and this is tried again.


async def end(loops: Sequence[asyncio.Task[None]]) -> None:
    """Cancel loops until they have ended: a driver may swallow the first time."""
    while going := [loop for loop in loops if not loop.done()]:
        for loop in going:
            loop.cancel()
        await asyncio.wait(going, timeout=CONNECT_S)


async def _hang_up(pool: ConnectionPool) -> None:
    try:
        async with asyncio.timeout(CONNECT_S):
            await pool.disconnect()
    except (RedisError, OSError, TimeoutError):
        return


def _shown(url: str) -> str:
    """Return an address without what is secret in it."""
    try:
        parts = urlsplit(url)
        if parts.scheme == "unix":
            return parts.path
        return f"{parts.hostname or 'localhost'}:{parts.port or 6379}"
    except ValueError:
        raise _unreadable() from None


def _unreadable() -> TramoError:
    return TramoError(
        "setting.redis",
        "The address of Redis cannot be read; write it as redis://host:6379/0, rediss://… for TLS, "
        "or unix:///path/to/socket.",
    )
